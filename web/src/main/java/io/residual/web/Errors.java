package io.residual.web;

import io.residual.base.Json;
import io.residual.base.Schema;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.BufferUtil;
import org.jspecify.annotations.Nullable;

/** Errors as JSON, including those that the framework reports before our code runs. */
final class Errors extends ErrorHandler {
    /** Texts of the framework's may quote the request; no more of them than this. */
    private static final int LONGEST = 500;

    /** An error as JSON. */
    static String json(String message) {
        return Json.line(Schema.ERROR.document().put("error", message));
    }

    /** The framework's reason, or the status in words. */
    static String reason(int status, @Nullable String message) {
        String text = message == null || message.isBlank() ? HttpStatus.getMessage(status) : message;
        String small = text.equals(HttpStatus.getMessage(status)) ? text.toLowerCase(Locale.ROOT) : text;
        return small.substring(0, Math.min(LONGEST, small.length()));
    }

    @Override
    public boolean errorPageForMethod(String method) {
        return true;
    }

    @Override
    public ByteBuffer badMessageError(int status, @Nullable String reason, HttpFields.Mutable fields) {
        fields.put("Content-Type", "application/json").put("Connection", "close");
        WebServer.HEADERS.forEach(fields::put);
        return BufferUtil.toBuffer(json(reason(status, reason)), StandardCharsets.UTF_8);
    }

    @Override
    protected void generateAcceptableResponse(
            Request base, HttpServletRequest request, HttpServletResponse response, int code, @Nullable String message)
            throws IOException {
        response.setContentType("application/json");
        WebServer.HEADERS.forEach(response::setHeader);
        byte[] body = json(reason(code, message)).getBytes(StandardCharsets.UTF_8);
        ByteBuffer buffer = base.getResponse().getHttpOutput().getBuffer();
        int at = BufferUtil.flipToFill(buffer);
        buffer.put(body);
        BufferUtil.flipToFlush(buffer, at);
        base.getHttpChannel().sendResponseAndComplete();
    }
}
