// SPDX-License-Identifier: MIT
package rival;

import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.legacy.table.connector.source.SourceFunctionProvider;
import org.apache.flink.streaming.api.functions.sink.legacy.SinkFunction;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.sink.DynamicTableSink;
import org.apache.flink.table.connector.sink.legacy.SinkFunctionProvider;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.connector.source.ScanTableSource;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.DynamicTableSinkFactory;
import org.apache.flink.table.factories.DynamicTableSourceFactory;
import org.apache.flink.table.factories.FactoryUtil;

/**
 * The tables of the connector `rival`, which the queries in ../sql read and write: the first
 * `count` events of Nexmark, and rows that are kept, or with `summed` what they come to.
 */
public final class Tables implements DynamicTableSourceFactory, DynamicTableSinkFactory {
    private static final ConfigOption<Long> COUNT =
            ConfigOptions.key("count").longType().defaultValue(0L);
    private static final ConfigOption<Boolean> SUMMED =
            ConfigOptions.key("summed").booleanType().defaultValue(false);

    @Override
    public String factoryIdentifier() {
        return "rival";
    }

    @Override
    public Set<ConfigOption<?>> requiredOptions() {
        return Set.of();
    }

    @Override
    public Set<ConfigOption<?>> optionalOptions() {
        return Set.of(COUNT, SUMMED);
    }

    private ReadableConfig options(Context context) {
        FactoryUtil.TableFactoryHelper helper =
                FactoryUtil.createTableFactoryHelper(this, context);
        helper.validate();
        return helper.getOptions();
    }

    @Override
    public DynamicTableSource createDynamicTableSource(Context context) {
        return new Source(options(context).get(COUNT));
    }

    @Override
    public DynamicTableSink createDynamicTableSink(Context context) {
        return new Sink(
                new Columns(context.getPhysicalRowDataType().getLogicalType().getChildren()),
                options(context).get(SUMMED));
    }

    record Source(long count) implements ScanTableSource {
        @Override
        public ChangelogMode getChangelogMode() {
            return ChangelogMode.insertOnly();
        }

        @Override
        public ScanRuntimeProvider getScanRuntimeProvider(ScanContext context) {
            return SourceFunctionProvider.of(new Events<>(count, new EventRow()), true);
        }

        @Override
        public DynamicTableSource copy() {
            return this;
        }

        @Override
        public String asSummaryString() {
            return "events";
        }
    }

    record Sink(Columns columns, boolean summed) implements DynamicTableSink {
        @Override
        public ChangelogMode getChangelogMode(ChangelogMode requested) {
            return ChangelogMode.insertOnly();
        }

        @Override
        public SinkRuntimeProvider getSinkRuntimeProvider(Context context) {
            SinkFunction<RowData> kept = new Rows.Keep<>(columns::text);
            return SinkFunctionProvider.of(summed ? new Rows.Sum<>(columns::add) : kept);
        }

        @Override
        public DynamicTableSink copy() {
            return this;
        }

        @Override
        public String asSummaryString() {
            return "rows";
        }
    }
}
