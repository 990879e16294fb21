// SPDX-License-Identifier: MIT
package rival;

import java.util.concurrent.locks.LockSupport;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.source.legacy.RichParallelSourceFunction;

/**
 * Emits the text's sentences, and with each when it was due: at a rate of so many a second, however
 * long the last one took, or as fast as it goes if the rate is 0. What comes before `warm`, and
 * all without a rate, is due at 0. Its offset goes to the checkpoints.
 */
final class Sentences extends RichParallelSourceFunction<Tuple2<String, Long>>
        implements CheckpointedFunction {
    private final long warm;
    private final long total;
    private final double rate;
    private volatile boolean running = true;
    private transient ListState<Long> state;
    private transient long next;

    Sentences(long warm, long total, double rate) {
        this.warm = warm;
        this.total = total;
        this.rate = rate;
    }

    @Override
    public void run(SourceContext<Tuple2<String, Long>> context) {
        String[] lines = Text.get().lines;
        Object lock = context.getCheckpointLock();
        int step = getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks();
        Tuple2<String, Long> tuple = new Tuple2<>(null, 0L);
        long begin = System.nanoTime();
        next = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
        while (running && next < total) {
            if (rate > 0) {
                long due = begin + (long) (next * 1e9 / rate);
                while (System.nanoTime() < due) {
                    LockSupport.parkNanos(20_000);
                }
                tuple.f1 = next < warm ? 0 : due;
            }
            synchronized (lock) {
                tuple.f0 = lines[(int) (next % lines.length)];
                context.collect(tuple);
                next += step;
            }
        }
    }

    @Override
    public void cancel() {
        running = false;
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        state.update(java.util.List.of(next));
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        state = context.getOperatorStateStore()
                .getListState(new ListStateDescriptor<>("next", Types.LONG));
    }
}
