// SPDX-License-Identifier: MIT
package rival;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleSupplier;

/**
 * Times what a job does once it is warm, and writes that to the file of figures: lines of a name
 * and a number. Results go to standard output, which is kept free of anything else.
 */
public final class Meter {
    private static final long STUCK_NANOS = 30_000_000_000L;

    private final PrintStream results = System.out;
    private final Path file;
    private final Map<String, Double> figures = new TreeMap<>();
    private final OperatingSystemMXBean system =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    public Meter(String file) {
        this.file = Path.of(file);
        System.setOut(System.err);
    }

    /**
     * Waits until `done`, which counts units of work, reaches `total`; what comes after `warm` of
     * them is timed.
     */
    public void watch(double warm, double total, DoubleSupplier done) throws InterruptedException {
        await(Double.MIN_VALUE, done);
        long born = ManagementFactory.getRuntimeMXBean().getStartTime();
        figures.put("first_ms", (double) (System.currentTimeMillis() - born));
        double begin = await(warm, done);
        long time = System.nanoTime();
        long cpu = system.getProcessCpuTime();
        double end = await(total, done);
        figures.put("seconds", (System.nanoTime() - time) / 1e9);
        figures.put("cpu_seconds", (system.getProcessCpuTime() - cpu) / 1e9);
        figures.put("work", end - begin);
    }

    private static double await(double least, DoubleSupplier done) throws InterruptedException {
        double last = -1;
        long since = System.nanoTime();
        for (;;) {
            double now = done.getAsDouble();
            if (now >= least) {
                return now;
            }
            if (now != last) {
                last = now;
                since = System.nanoTime();
            } else if (System.nanoTime() - since > STUCK_NANOS) {
                System.err.println("nothing happens any more after " + now + " of " + least);
                Runtime.getRuntime().halt(1);
            }
            Thread.sleep(1);
        }
    }

    public void put(String name, double value) {
        figures.put(name, value);
    }

    public void print(String text) {
        results.print(text);
    }

    public void print(String name, long count) {
        results.print(name + '\t' + count + '\n');
    }

    public void print(Map<String, Long> counts) {
        StringBuilder text = new StringBuilder();
        counts.forEach((word, count) -> text.append(word).append('\t').append(count).append('\n'));
        results.print(text);
    }

    /** Writes the figures and ends the JVM, whatever it has running. */
    public void end() throws IOException {
        StringBuilder text = new StringBuilder();
        figures.forEach((name, value) -> text.append(name).append(' ').append(value).append('\n'));
        Files.writeString(file, text);
        results.flush();
        Runtime.getRuntime().halt(0);
    }
}
