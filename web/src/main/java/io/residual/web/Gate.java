package io.residual.web;

import io.javalin.http.Context;
import io.javalin.http.Cookie;
import io.javalin.http.SameSite;
import io.residual.base.InputException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Access control. Without a token, only requests over loopback under a loopback host name are accepted, which stops DNS
 * rebinding. Anywhere else a token is needed, as {@code Authorization: Bearer}, or once as {@code ?token=} from a
 * browser, which is then given a cookie.
 */
public final class Gate {
    private static final String COOKIE = "residual-token";
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
    private static final int SHORTEST = 16;

    private final String host;
    private final @Nullable String token;

    private Gate(String host, @Nullable String token) {
        this.host = host;
        this.token = token;
    }

    /**
     * The gate of a server that is bound to {@code host}; where that is not loopback and no token is given, one is made.
     *
     * @throws InputException if the host is not known, or the token is short enough to be guessed
     */
    public static Gate of(String host, @Nullable String token) {
        if (token != null && (token.length() < SHORTEST || !token.matches("[\\x21-\\x7e]+"))) {
            throw InputException.at(
                    "the token",
                    token.length() + " characters",
                    "at least " + SHORTEST + " printable ones without spaces",
                    "Give a longer one, or none to have one made");
        }
        try {
            boolean loopback = InetAddress.getByName(host).isLoopbackAddress();
            return new Gate(host, token == null && !loopback ? random() : token);
        } catch (UnknownHostException e) {
            throw InputException.at("--host", host, "a name or address of this machine", "Correct it", e);
        }
    }

    private static String random() {
        byte[] bytes = new byte[24];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** The token that is needed, or null. */
    public @Nullable String token() {
        return token;
    }

    /** The URL for a browser. */
    public String address(int port) {
        boolean any = host.equals("0.0.0.0") || host.equals("::");
        String name = any ? "localhost" : host.contains(":") ? "[" + host + "]" : host;
        return "http://" + name + ":" + port + "/" + (token == null ? "" : "?token=" + token);
    }

    /**
     * Lets a request pass or refuses it.
     *
     * @throws RefusedException with the status to answer with
     */
    public void check(Context ctx) {
        sameSite(ctx);
        String wanted = token;
        if (wanted == null) {
            String name = hostName(ctx.header("Host"));
            if (!LOOPBACK.contains(name) && !name.equals(host.toLowerCase(Locale.ROOT))) {
                throw new RefusedException(421, "this server answers to localhost alone, not to '" + name + "'");
            }
            return;
        }
        String query = ctx.queryParam("token");
        if (query != null && same(query, wanted)) {
            Cookie cookie = new Cookie(COOKIE, wanted);
            cookie.setHttpOnly(true);
            cookie.setSameSite(SameSite.STRICT);
            ctx.cookie(cookie);
            return;
        }
        String header = ctx.header("Authorization");
        String given = header != null && header.startsWith("Bearer ") ? header.substring(7) : ctx.cookie(COOKIE);
        if (given == null || !same(given, wanted)) {
            ctx.header("WWW-Authenticate", "Bearer");
            throw new RefusedException(401, "a token is needed: Authorization: Bearer …, or ?token=… in a browser");
        }
    }

    /** A browser says where a page that asks came from; other sites' pages may not change anything here. */
    private static void sameSite(Context ctx) {
        String origin = ctx.header("Origin");
        String method = ctx.req().getMethod(); // not the framework's, which a header could change
        boolean reads = method.equals("GET") || method.equals("HEAD");
        if (reads || origin == null) {
            return;
        }
        try {
            String authority = URI.create(origin).getAuthority();
            if (authority != null && authority.equalsIgnoreCase(ctx.header("Host"))) {
                return;
            }
        } catch (IllegalArgumentException e) {
            // no address at all: refused below
        }
        throw new RefusedException(403, "requests from pages of other sites are refused");
    }

    private static String hostName(@Nullable String header) {
        String name = header == null ? "" : header.toLowerCase(Locale.ROOT);
        int colon = name.lastIndexOf(':');
        return colon > name.lastIndexOf(']') ? name.substring(0, colon) : name;
    }

    private static boolean same(String a, String b) {
        return MessageDigest.isEqual(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    }
}
