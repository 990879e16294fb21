// SPDX-License-Identifier: MIT
package rival;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.source.legacy.SourceFunction;
import org.apache.flink.util.function.SerializableFunction;

/**
 * Emits the first `total` events of Nexmark in some form, 50 of them each time that it has the
 * lock. The number of the next one goes to the checkpoints.
 */
final class Events<T> implements SourceFunction<T>, CheckpointedFunction {
    private static final AtomicLong EMITTED = new AtomicLong();
    private static final int ROUND = 50;

    private final long total;
    private final SerializableFunction<Event, T> form;
    private volatile boolean running = true;
    private transient ListState<Long> state;
    private transient long next;

    Events(long total, SerializableFunction<Event, T> form) {
        this.total = total;
        this.form = form;
    }

    /** How many have been emitted by now. */
    static long emitted() {
        return EMITTED.get();
    }

    static void progress(long number) {
        EMITTED.lazySet(number);
    }

    @Override
    public void run(SourceContext<T> context) {
        EventMaker maker = new EventMaker();
        Object lock = context.getCheckpointLock();
        while (running && next < total) {
            synchronized (lock) {
                long end = Math.min(next + ROUND, total);
                for (; next < end; next++) {
                    context.collect(form.apply(maker.make(next)));
                }
            }
            progress(next);
        }
    }

    @Override
    public void cancel() {
        running = false;
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        state.update(List.of(next));
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        state = context.getOperatorStateStore()
                .getListState(new ListStateDescriptor<>("next", Types.LONG));
    }
}
