package io.residual.web;

import java.nio.ByteBuffer;
import org.eclipse.jetty.http.BadMessageException;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnection;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 with sizes of chunks as the standard writes them: hexadecimal digits, then the line's end or a semicolon. Jetty takes
 * {@code 0x10} for 0 with something behind it, and a proxy in front may take it for 16.
 */
final class StrictConnections extends HttpConnectionFactory {
    StrictConnections(HttpConfiguration configuration) {
        super(configuration);
    }

    @Override
    public Connection newConnection(Connector connector, EndPoint endPoint) {
        HttpConnection connection = new Strict(getHttpConfiguration(), connector, endPoint);
        connection.setUseInputDirectByteBuffers(isUseInputDirectByteBuffers());
        connection.setUseOutputDirectByteBuffers(isUseOutputDirectByteBuffers());
        return configure(connection, connector, endPoint);
    }

    private static final class Strict extends HttpConnection {
        Strict(HttpConfiguration configuration, Connector connector, EndPoint endPoint) {
            super(configuration, connector, endPoint, false);
        }

        @Override
        protected HttpParser newHttpParser(HttpCompliance compliance) {
            return new ChunkParser(newRequestHandler(), getHttpConfiguration().getRequestHeaderSize(), compliance);
        }
    }

    private static final class ChunkParser extends HttpParser {
        private @Nullable ByteBuffer reading;

        ChunkParser(RequestHandler handler, int longest, HttpCompliance compliance) {
            super(handler, longest, compliance);
        }

        @Override
        protected boolean parseContent(ByteBuffer buffer) {
            reading = buffer;
            return super.parseContent(buffer);
        }

        @Override
        protected void setState(State state) {
            ByteBuffer buffer = reading;
            // It leaves the size for what is behind it: that must be what the standard has there.
            if (state == State.CHUNK_PARAMS && buffer != null && buffer.get(buffer.position() - 1) != ';') {
                throw new BadMessageException(HttpStatus.BAD_REQUEST_400, "a chunk's size is no hexadecimal number");
            }
            super.setState(state);
        }
    }
}
