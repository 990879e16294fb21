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
 * Counts words: WordCount FIGURES FILE WARM ROUNDS ACKS BATCH PENDING [RATE]. The lines of FILE
 * are emitted WARM and ROUNDS times; ACKS is 0 or 1; RATE is in sentences a second. With a rate
 * every tuple carries when it was due, however late the one before it was; what is to get it warm
 * is due at 0.
 */
public final class WordCount {
    // Storm copies spouts and bolts; what they came to is kept here.
    private static final AtomicLong ACKED = new AtomicLong();
    private static final AtomicLong FAILED = new AtomicLong();
    private static final AtomicLong COUNTED = new AtomicLong();
    private static final Map<String, Long> COUNTS = new HashMap<>();
    private static final Histogram LATENCY = new Histogram();

    static final class Sentences extends BaseRichSpout {
        private final boolean acks;
        private final long warm;
        private final long total;
        private final double rate;
        private long begin;
        private SpoutOutputCollector collector;
        private String[] lines;
        private long emitted;
        private long acked;

        Sentences(boolean acks, long warm, long total, double rate) {
            this.acks = acks;
            this.warm = warm;
            this.total = total;
            this.rate = rate;
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
            String line = lines[(int) (emitted % lines.length)];
            Values values;
            if (rate > 0) {
                begin = begin == 0 ? System.nanoTime() : begin;
                long due = begin + (long) (emitted * 1e9 / rate);
                if (System.nanoTime() < due) {
                    return;
                }
                values = new Values(line, emitted < warm ? 0L : due);
            } else {
                values = new Values(line);
            }
            emitted++;
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
            declarer.declare(rate > 0 ? new Fields("line", "due") : new Fields("line"));
        }
    }

    static final class Split extends BaseRichBolt {
        private final boolean due;
        private OutputCollector collector;

        Split(boolean due) {
            this.due = due;
        }

        @Override
        public void prepare(Map<String, Object> config, TopologyContext context,
                OutputCollector collector) {
            this.collector = collector;
        }

        @Override
        public void execute(Tuple tuple) {
            for (String word : tuple.getString(0).split(" ")) {
                collector.emit(tuple,
                        due ? new Values(word, tuple.getLong(1)) : new Values(word));
            }
            collector.ack(tuple);
        }

        @Override
        public void declareOutputFields(OutputFieldsDeclarer declarer) {
            declarer.declare(due ? new Fields("word", "due") : new Fields("word"));
        }
    }

    static final class Count extends BaseRichBolt {
        private final boolean due;
        private OutputCollector collector;
        private long counted;

        Count(boolean due) {
            this.due = due;
        }

        @Override
        public void prepare(Map<String, Object> config, TopologyContext context,
                OutputCollector collector) {
            this.collector = collector;
        }

        @Override
        public void execute(Tuple tuple) {
            COUNTS.merge(tuple.getString(0), 1L, Long::sum);
            if (due) {
                LATENCY.since(tuple.getLong(1));
            }
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

        double rate = arguments.length > 7 ? Double.parseDouble(arguments[7]) : 0;
        if (rate > 0) {
            run.onTime();
        }
        int lines = text.lines.length;
        TopologyBuilder builder = new TopologyBuilder();
        builder.setSpout("text", new Sentences(acks, warm * lines, total * lines, rate), 1);
        builder.setBolt("split", new Split(rate > 0), 1).localOrShuffleGrouping("text");
        builder.setBolt("count", new Count(rate > 0), 1)
                .fieldsGrouping("split", new Fields("word"));
        double each = (double) text.words / lines;
        run.watch(builder, meter, warm * text.words, total * text.words,
                () -> acks ? ACKED.get() * each : COUNTED.get());
        if (FAILED.get() > 0) {
            throw new IllegalStateException(FAILED.get() + " sentences failed");
        }
        if (rate > 0) {
            LATENCY.put(meter);
        }
        meter.print(COUNTS);
        meter.end();
    }
}
