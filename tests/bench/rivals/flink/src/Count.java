// SPDX-License-Identifier: MIT
package rival;

import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Counts words in keyed state and emits every count. A timer a word, at the end of time, tells the
 * last count when there is no more input. W is what comes: the word, or also when it was due.
 */
abstract class Count<W> extends KeyedProcessFunction<String, W, Tuple2<String, Long>> {
    /** Of the words that were due at some time; for one task. */
    static final Histogram LATENCY = new Histogram();

    private transient ValueState<Long> state;
    private transient Tuple2<String, Long> out;
    private transient int task;
    private transient long counted;

    /** The plain word. */
    static final class OfWords extends Count<String> {
        @Override
        void take(String word) {
        }
    }

    static final class OfDueWords extends Count<Tuple2<String, Long>> {
        @Override
        void take(Tuple2<String, Long> word) {
            LATENCY.since(word.f1);
        }
    }

    /** Is told of every word when it has been counted. */
    abstract void take(W word);

    @Override
    public void open(OpenContext context) {
        state = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Types.LONG));
        out = new Tuple2<>();
        task = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
    }

    @Override
    public void processElement(W word, Context context,
            Collector<Tuple2<String, Long>> collector) throws Exception {
        Long last = state.value();
        if (last == null) {
            last = 0L;
            context.timerService().registerEventTimeTimer(Long.MAX_VALUE);
        }
        state.update(last + 1);
        out.f0 = context.getCurrentKey();
        out.f1 = last + 1;
        collector.collect(out);
        take(word);
        Counted.progress(task, ++counted);
    }

    @Override
    public void onTimer(long time, OnTimerContext context,
            Collector<Tuple2<String, Long>> collector) throws Exception {
        Counted.last(context.getCurrentKey(), state.value());
    }
}
