// SPDX-License-Identifier: MIT
package rival;

import static com.hazelcast.jet.Traversers.traverseArray;
import static com.hazelcast.jet.Util.entry;

import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.function.FunctionEx;
import com.hazelcast.jet.Job;
import com.hazelcast.jet.accumulator.LongAccumulator;
import com.hazelcast.jet.config.JobConfig;
import com.hazelcast.jet.config.ProcessingGuarantee;
import com.hazelcast.jet.core.ProcessorMetaSupplier;
import com.hazelcast.jet.core.ProcessorSupplier;
import com.hazelcast.jet.pipeline.Pipeline;
import com.hazelcast.jet.pipeline.Sinks;
import com.hazelcast.jet.pipeline.Sources;
import com.hazelcast.jet.pipeline.StreamStage;
import java.util.HashMap;
import java.util.Map;

/**
 * Counts words in Hazelcast Jet: WordCount FIGURES FILE WARM ROUNDS THREADS SNAPSHOTS [RATE]. The
 * lines of FILE are emitted WARM and ROUNDS times; SNAPSHOTS is 0 or 1 (at least once, one a
 * second); RATE is in sentences a second.
 */
public final class WordCount {
    private static final Histogram LATENCY = new Histogram();
    private static final Map<String, LongAccumulator> COUNTS = new HashMap<>();
    private static long counted;

    private WordCount() {
    }

    /** There is one task that counts; Jet keeps an accumulator a word. */
    private static Map.Entry<String, Long> count(LongAccumulator count, String word, long due) {
        if (count.get() == 0) {
            COUNTS.put(word, count);
        }
        count.add(1);
        LATENCY.since(due);
        Counted.progress(0, ++counted);
        return entry(word, count.get());
    }

    private static Pipeline pipeline(long warm, long total, double rate) {
        Pipeline pipeline = Pipeline.create();
        StreamStage<Map.Entry<String, Long>> lines = pipeline
                .<Map.Entry<String, Long>>readFrom(Sources.streamFromProcessor("text",
                        ProcessorMetaSupplier.forceTotalParallelismOne(
                                ProcessorSupplier.of(() -> new Sentences(warm, total, rate)))))
                .withoutTimestamps();
        (rate > 0 ? countDue(lines) : count(lines)).setLocalParallelism(1).writeTo(Sinks.noop());
        return pipeline;
    }

    private static StreamStage<Map.Entry<String, Long>> count(
            StreamStage<Map.Entry<String, Long>> lines) {
        return lines.flatMap(line -> traverseArray(line.getKey().split(" "))).setLocalParallelism(1)
                .groupingKey(FunctionEx.identity())
                .mapStateful(LongAccumulator::new, (count, word, item) -> count(count, word, 0));
    }

    /** Words keep the time at which their sentence was due. */
    private static StreamStage<Map.Entry<String, Long>> countDue(
            StreamStage<Map.Entry<String, Long>> lines) {
        return lines
                .flatMap(line -> {
                    long due = line.getValue();
                    return traverseArray(line.getKey().split(" ")).map(word -> entry(word, due));
                }).setLocalParallelism(1)
                .groupingKey(Map.Entry::getKey)
                .mapStateful(LongAccumulator::new,
                        (count, word, item) -> count(count, word, item.getValue()));
    }

    private static HazelcastInstance start(int threads) {
        Config config = new Config();
        config.setProperty("hazelcast.logging.type", "none");
        config.setProperty("hazelcast.phone.home.enabled", "false");
        JoinConfig join = config.getNetworkConfig().getJoin();
        join.getAutoDetectionConfig().setEnabled(false);
        join.getMulticastConfig().setEnabled(false);
        config.getNetworkConfig().getInterfaces().setEnabled(true).addInterface("127.0.0.1");
        config.getJetConfig().setEnabled(true).setCooperativeThreadCount(threads);
        return Hazelcast.newHazelcastInstance(config);
    }

    public static void main(String[] arguments) throws Exception {
        Meter meter = new Meter(arguments[0]);
        Text.read(arguments[1]);
        Text text = Text.get();
        long warm = Long.parseLong(arguments[2]);
        long total = warm + Long.parseLong(arguments[3]);
        double rate = arguments.length > 6 ? Double.parseDouble(arguments[6]) : 0;
        HazelcastInstance hazelcast = start(Integer.parseInt(arguments[4]));
        JobConfig settings = new JobConfig().setSnapshotIntervalMillis(1000)
                .setProcessingGuarantee(arguments[5].equals("1")
                        ? ProcessingGuarantee.AT_LEAST_ONCE : ProcessingGuarantee.NONE);
        Job job = hazelcast.getJet().newJob(
                pipeline(warm * text.lines.length, total * text.lines.length, rate), settings);
        meter.watch(warm * text.words, total * text.words, Counted::words);
        job.join();
        if (rate > 0) {
            LATENCY.put(meter);
        }
        COUNTS.forEach((word, count) -> meter.print(word, count.get()));
        meter.end();
    }
}
