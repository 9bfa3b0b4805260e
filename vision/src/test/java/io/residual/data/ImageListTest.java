package io.residual.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.InputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ImageListTest {
    private static List<String> read(String list) {
        return ImageList.read(new ByteArrayInputStream(list.getBytes(StandardCharsets.UTF_8)));
    }

    private static void refused(InputStream list, String found) {
        InputException e = assertThrows(InputException.class, () -> ImageList.read(list));
        assertTrue(
                String.valueOf(e.getMessage()).startsWith("the list on standard input: found " + found),
                e.getMessage());
    }

    @Test
    void lines_areNames_howeverTheyEnd() {
        assertEquals(List.of("a.jpg", " b ü.jpg"), read("a.jpg\n b ü.jpg"));
        assertEquals(List.of("a.jpg", "b.jpg"), read("\uFEFFa.jpg\r\nb.jpg\r\n\r\n"));
        assertEquals(List.of("a.jpg", "b.jpg"), read("a.jpg\rb.jpg\r"));
    }

    @Test
    void namesWithLineBreaks_endInNul() {
        assertEquals(List.of("a\nb.jpg", "c.jpg"), read("a\nb.jpg\0c.jpg\0"));
    }

    @Test
    void whatIsNoList_isRefused() {
        refused(new ByteArrayInputStream(new byte[0]), "no names");
        refused(new ByteArrayInputStream("\uFEFF\r\n \n".getBytes(StandardCharsets.UTF_8)), "no names");
        refused(new ByteArrayInputStream(new byte[] {(byte) 0xFF, (byte) 0xD8, 0}), "bytes that are not UTF-8");
        refused(
                new InputStream() {
                    @Override
                    public int read() throws IOException {
                        throw new IOException("Is a directory");
                    }

                    @Override
                    public int read(byte[] bytes, int from, int length) throws IOException {
                        throw new IOException("Is a directory");
                    }
                },
                "nothing that can be read (Is a directory)");
    }
}
