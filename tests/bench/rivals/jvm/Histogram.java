// SPDX-License-Identifier: MIT
package rival;

/**
 * Latencies in microseconds, each in a bucket of its own; those of a second or more are in the last
 * one. For one thread.
 */
public final class Histogram {
    private final int[] buckets = new int[1_000_001];
    private long count;

    /** Adds the time since `due`, which is of System.nanoTime(); 0 is not looked at. */
    public void since(long due) {
        if (due != 0) {
            long micros = (System.nanoTime() - due) / 1000;
            buckets[(int) Math.max(0, Math.min(micros, buckets.length - 1))]++;
            count++;
        }
    }

    public void put(Meter meter) {
        meter.put("latencies", count);
        meter.put("p50_us", quantile(0.5));
        meter.put("p99_us", quantile(0.99));
        meter.put("p999_us", quantile(0.999));
    }

    private double quantile(double part) {
        long least = (long) Math.ceil(part * count);
        long seen = 0;
        for (int i = 0; i < buckets.length; i++) {
            seen += buckets[i];
            if (seen >= least) {
                return i;
            }
        }
        return buckets.length;
    }
}
