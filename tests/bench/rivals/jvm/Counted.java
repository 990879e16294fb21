// SPDX-License-Identifier: MIT
package rival;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;

/** What the tasks of this JVM have counted; each has a number below 8. */
public final class Counted {
    private static final int APART = 16; // eight bytes each: two cache lines
    private static final AtomicLongArray PROGRESS = new AtomicLongArray(8 * APART);
    private static final Map<String, Long> COUNTS = new HashMap<>();

    private Counted() {
    }

    /** Task `task` has counted so many words by now. */
    public static void progress(int task, long words) {
        PROGRESS.lazySet(task * APART, words);
    }

    public static long words() {
        long sum = 0;
        for (int task = 0; task < 8; task++) {
            sum += PROGRESS.get(task * APART);
        }
        return sum;
    }

    /** The last count of a word; a second one of another task would show. */
    public static void last(String word, long count) {
        synchronized (COUNTS) {
            COUNTS.merge(word, count, Long::sum);
        }
    }

    public static Map<String, Long> counts() {
        synchronized (COUNTS) {
            return new HashMap<>(COUNTS);
        }
    }
}
