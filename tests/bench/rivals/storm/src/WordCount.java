// SPDX-License-Identifier: MIT
package rival;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.storm.spout.SpoutOutputCollector;
import org.apache.storm.task.OutputCollector;
import org.apache.storm.task.TopologyContext;
import org.apache.storm.topology.OutputFieldsDeclarer;
import org.apache.storm.topology.TopologyBuilder;
import org.apache.storm.topology.base.BaseRichBolt;
import org.apache.storm.topology.base.BaseRichSpout;
import org.apache.storm.tuple.Fields;
import org.apache.storm.tuple.Tuple;
import org.apache.storm.tuple.Values;

/**
 * Counts words: WordCount FIGURES FILE WARM ROUNDS ACKS BATCH PENDING. The lines of FILE are
 * emitted WARM and ROUNDS times; ACKS is 0 or 1.
 */
public final class WordCount {
    // Storm copies spouts and bolts; what they came to is kept here.
    private static final AtomicLong ACKED = new AtomicLong();
    private static final AtomicLong FAILED = new AtomicLong();
    private static final AtomicLong COUNTED = new AtomicLong();
    private static final Map<String, Long> COUNTS = new HashMap<>();

    static final class Sentences extends BaseRichSpout {
        private final boolean acks;
        private final long total;
        private SpoutOutputCollector collector;
        private String[] lines;
        private long emitted;
        private long acked;

        Sentences(boolean acks, long total) {
            this.acks = acks;
            this.total = total;
        }

        @Override
        public void open(Map<String, Object> config, TopologyContext context,
                SpoutOutputCollector collector) {
            this.collector = collector;
            lines = Text.get().lines;
        }

        @Override
        public void nextTuple() {
            if (emitted == total) {
                return;
            }
            Values values = new Values(lines[(int) (emitted++ % lines.length)]);
            if (acks) {
                collector.emit(values, emitted);
            } else {
                collector.emit(values);
            }
        }

        @Override
        public void ack(Object id) {
            ACKED.lazySet(++acked);
        }

        @Override
        public void fail(Object id) {
            FAILED.incrementAndGet();
        }

        @Override
        public void declareOutputFields(OutputFieldsDeclarer declarer) {
            declarer.declare(new Fields("line"));
        }
    }

    static final class Split extends BaseRichBolt {
        private OutputCollector collector;

        @Override
        public void prepare(Map<String, Object> config, TopologyContext context,
                OutputCollector collector) {
            this.collector = collector;
        }

        @Override
        public void execute(Tuple tuple) {
            for (String word : tuple.getString(0).split(" ")) {
                collector.emit(tuple, new Values(word));
            }
            collector.ack(tuple);
        }

        @Override
        public void declareOutputFields(OutputFieldsDeclarer declarer) {
            declarer.declare(new Fields("word"));
        }
    }

    static final class Count extends BaseRichBolt {
        private OutputCollector collector;
        private long counted;

        @Override
        public void prepare(Map<String, Object> config, TopologyContext context,
                OutputCollector collector) {
            this.collector = collector;
        }

        @Override
        public void execute(Tuple tuple) {
            COUNTS.merge(tuple.getString(0), 1L, Long::sum);
            COUNTED.lazySet(++counted);
            collector.ack(tuple);
        }

        @Override
        public void declareOutputFields(OutputFieldsDeclarer declarer) {
        }
    }

    public static void main(String[] arguments) throws Exception {
        Meter meter = new Meter(arguments[0]);
        Text.read(arguments[1]);
        Text text = Text.get();
        long warm = Long.parseLong(arguments[2]);
        long total = warm + Long.parseLong(arguments[3]);
        boolean acks = arguments[4].equals("1");
        StormRun run = new StormRun(acks, Integer.parseInt(arguments[5]),
                Integer.parseInt(arguments[6]));

        TopologyBuilder builder = new TopologyBuilder();
        builder.setSpout("text", new Sentences(acks, total * text.lines.length), 1);
        builder.setBolt("split", new Split(), 1).localOrShuffleGrouping("text");
        builder.setBolt("count", new Count(), 1).fieldsGrouping("split", new Fields("word"));
        double each = (double) text.words / text.lines.length;
        run.watch(builder, meter, warm * text.words, total * text.words,
                () -> acks ? ACKED.get() * each : COUNTED.get());
        if (FAILED.get() > 0) {
            throw new IllegalStateException(FAILED.get() + " sentences failed");
        }
        meter.print(COUNTS);
        meter.end();
    }
}
