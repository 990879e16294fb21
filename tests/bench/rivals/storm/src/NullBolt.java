// SPDX-License-Identifier: MIT
package rival;

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
 * A constant to a bolt that does nothing: NullBolt FIGURES null|identity WARM COUNT ACKS BATCH
 * PENDING. WARM and COUNT tuples are emitted; with identity a bolt between passes them on.
 */
public final class NullBolt {
    private static final AtomicLong ACKED = new AtomicLong();
    private static final AtomicLong SEEN = new AtomicLong();

    static final class Constant extends BaseRichSpout {
        private final boolean acks;
        private final long total;
        private SpoutOutputCollector collector;
        private Values values;
        private long emitted;
        private long acked;

        Constant(boolean acks, long total) {
            this.acks = acks;
            this.total = total;
        }

        @Override
        public void open(Map<String, Object> config, TopologyContext context,
                SpoutOutputCollector collector) {
            this.collector = collector;
            values = new Values("some data");
        }

        @Override
        public void nextTuple() {
            if (emitted == total) {
                return;
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
        public void declareOutputFields(OutputFieldsDeclarer declarer) {
            declarer.declare(new Fields("text"));
        }
    }

    static final class Identity extends BaseRichBolt {
        private OutputCollector collector;

        @Override
        public void prepare(Map<String, Object> config, TopologyContext context,
                OutputCollector collector) {
            this.collector = collector;
        }

        @Override
        public void execute(Tuple tuple) {
            collector.emit(tuple, new Values(tuple.getString(0)));
            collector.ack(tuple);
        }

        @Override
        public void declareOutputFields(OutputFieldsDeclarer declarer) {
            declarer.declare(new Fields("text"));
        }
    }

    static final class Sink extends BaseRichBolt {
        private OutputCollector collector;
        private long seen;

        @Override
        public void prepare(Map<String, Object> config, TopologyContext context,
                OutputCollector collector) {
            this.collector = collector;
        }

        @Override
        public void execute(Tuple tuple) {
            collector.ack(tuple);
            SEEN.lazySet(++seen);
        }

        @Override
        public void declareOutputFields(OutputFieldsDeclarer declarer) {
        }
    }

    public static void main(String[] arguments) throws Exception {
        Meter meter = new Meter(arguments[0]);
        long warm = Long.parseLong(arguments[2]);
        long total = warm + Long.parseLong(arguments[3]);
        boolean acks = arguments[4].equals("1");
        StormRun run = new StormRun(acks, Integer.parseInt(arguments[5]),
                Integer.parseInt(arguments[6]));

        TopologyBuilder builder = new TopologyBuilder();
        String last = "spout";
        builder.setSpout(last, new Constant(acks, total), 1);
        if (arguments[1].equals("identity")) {
            builder.setBolt("identity", new Identity(), 1).localOrShuffleGrouping(last);
            last = "identity";
        }
        builder.setBolt("sink", new Sink(), 1).localOrShuffleGrouping(last);
        run.watch(builder, meter, warm, total, () -> acks ? ACKED.get() : SEEN.get());
        meter.print("sink", SEEN.get());
        meter.end();
    }
}
