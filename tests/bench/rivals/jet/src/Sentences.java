// SPDX-License-Identifier: MIT
package rival;

import static com.hazelcast.jet.Util.entry;

import com.hazelcast.jet.core.AbstractProcessor;
import com.hazelcast.jet.core.BroadcastKey;
import java.util.Map;

/**
 * Emits the text's sentences, and with each when it was due: at a rate of so many a second, however
 * long the last one took, or as fast as it goes if the rate is 0. What comes before `warm`, and
 * all without a rate, is due at 0. Its offset goes to the snapshots.
 */
final class Sentences extends AbstractProcessor {
    private static final int STRETCH = 1024;

    private final long warm;
    private final long total;
    private final double rate;
    private String[] lines;
    private long begin;
    private long next;
    private Map.Entry<String, Long> pending;

    Sentences(long warm, long total, double rate) {
        this.warm = warm;
        this.total = total;
        this.rate = rate;
    }

    @Override
    protected void init(Context context) {
        lines = Text.get().lines;
        begin = System.nanoTime();
    }

    @Override
    public boolean complete() {
        for (int i = 0; i < STRETCH && next < total; i++) {
            long due = rate > 0 ? begin + (long) (next * 1e9 / rate) : 0;
            if (rate > 0 && System.nanoTime() < due) {
                return false;
            }
            if (pending == null) {
                pending = entry(lines[(int) (next % lines.length)], next < warm ? 0L : due);
            }
            if (!tryEmit(pending)) {
                return false;
            }
            pending = null;
            next++;
        }
        return next == total;
    }

    @Override
    public boolean saveToSnapshot() {
        return tryEmitToSnapshot(BroadcastKey.broadcastKey(0), next);
    }

    @Override
    protected void restoreFromSnapshot(Object key, Object value) {
        next = (Long) value;
    }
}
