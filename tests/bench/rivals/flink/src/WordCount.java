// SPDX-License-Identifier: MIT
package rival;

import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;

/**
 * Counts words in a local Flink: WordCount FIGURES FILE WARM ROUNDS PARALLELISM CHECKPOINTS
 * [RATE]. The lines of FILE are emitted WARM and ROUNDS times; CHECKPOINTS is 0 or 1; RATE is in
 * sentences a second.
 */
public final class WordCount {
    private static final TypeInformation<Tuple2<String, Long>> PAIR =
            Types.TUPLE(Types.STRING, Types.LONG);

    private WordCount() {
    }

    static final class Split implements FlatMapFunction<Tuple2<String, Long>, String> {
        @Override
        public void flatMap(Tuple2<String, Long> line, Collector<String> collector) {
            for (String word : line.f0.split(" ")) {
                collector.collect(word);
            }
        }
    }

    /** Words keep the time at which their sentence was due. */
    static final class SplitDue
            implements FlatMapFunction<Tuple2<String, Long>, Tuple2<String, Long>> {
        private transient Tuple2<String, Long> out;

        @Override
        public void flatMap(Tuple2<String, Long> line, Collector<Tuple2<String, Long>> collector) {
            if (out == null) {
                out = new Tuple2<>();
            }
            out.f1 = line.f1;
            for (String word : line.f0.split(" ")) {
                out.f0 = word;
                collector.collect(out);
            }
        }
    }

    private static StreamExecutionEnvironment environment(int parallelism, boolean checkpoints) {
        Configuration settings = new Configuration();
        settings.setString("state.backend.type", "hashmap");
        settings.setString("restart-strategy.type", "none");
        settings.setString("pipeline.generic-types", "false");
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(parallelism, settings);
        environment.getConfig().enableObjectReuse();
        if (checkpoints) {
            environment.enableCheckpointing(1000, CheckpointingMode.AT_LEAST_ONCE);
        }
        return environment;
    }

    private static void count(DataStream<Tuple2<String, Long>> lines) {
        lines.flatMap(new Split()).returns(Types.STRING)
                .keyBy((KeySelector<String, String>) word -> word, Types.STRING)
                .process(new Count.OfWords()).returns(PAIR)
                .sinkTo(new DiscardingSink<>());
    }

    private static void countDue(DataStream<Tuple2<String, Long>> lines) {
        lines.flatMap(new SplitDue()).returns(PAIR)
                .keyBy((KeySelector<Tuple2<String, Long>, String>) word -> word.f0, Types.STRING)
                .process(new Count.OfDueWords()).returns(PAIR)
                .sinkTo(new DiscardingSink<>());
    }

    public static void main(String[] arguments) throws Exception {
        Meter meter = new Meter(arguments[0]);
        Text.read(arguments[1]);
        Text text = Text.get();
        long warm = Long.parseLong(arguments[2]);
        long total = warm + Long.parseLong(arguments[3]);
        double rate = arguments.length > 6 ? Double.parseDouble(arguments[6]) : 0;
        StreamExecutionEnvironment environment =
                environment(Integer.parseInt(arguments[4]), arguments[5].equals("1"));
        DataStream<Tuple2<String, Long>> lines = environment.addSource(
                new Sentences(warm * text.lines.length, total * text.lines.length, rate), PAIR);
        if (rate > 0) {
            environment.setBufferTimeout(1);
            countDue(lines);
        } else {
            count(lines);
        }
        JobClient job = environment.executeAsync("rival");
        meter.watch(warm * text.words, total * text.words, Counted::words);
        job.getJobExecutionResult().get();
        if (rate > 0) {
            Count.LATENCY.put(meter);
        }
        meter.print(Counted.counts());
        meter.end();
    }
}
