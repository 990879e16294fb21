// SPDX-License-Identifier: MIT
package rival;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.StringTokenizer;

/** The sentences of a file, in memory. */
public final class Text {
    private static volatile Text text;

    public final String[] lines;
    public final long words;

    private Text(String[] lines) {
        this.lines = lines;
        this.words = countWords(lines);
    }

    /** Reads it for all in this JVM. */
    public static void read(String file) throws IOException {
        text = new Text(Files.readAllLines(Path.of(file)).toArray(new String[0]));
    }

    public static Text get() {
        return text;
    }

    private static long countWords(String[] lines) {
        long words = 0;
        for (String line : lines) {
            words += new StringTokenizer(line).countTokens();
        }
        return words;
    }
}
