// SPDX-License-Identifier: MIT
package rival;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.TableConfig;
import org.apache.flink.table.api.TableResult;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;

/** Runs a query in Flink SQL. */
final class Sql {
    /** How often Nexmark's settings for Flink have its state stored. */
    static final long CHECKPOINT_MS = 180_000;

    private Sql() {
    }

    /** The statements of a file, each of which ends in a semicolon and its line. */
    private static List<String> statements(Path file, long count) throws IOException {
        String text = Files.readString(file).replace("${count}", Long.toString(count));
        return List.of(text.split(";\n"));
    }

    private static void setUp(TableConfig settings) {
        // From the same settings; rows are gathered before they are aggregated or joined.
        settings.set("table.exec.mini-batch.enabled", "true");
        settings.set("table.exec.mini-batch.allow-latency", "2s");
        settings.set("table.exec.mini-batch.size", "50000");
        settings.set("table.optimizer.distinct-agg.split.enabled", "true");
    }

    /**
     * Starts the query in `file`, which the tables in tables.sql beside it are for, on the first
     * `count` events.
     */
    static JobClient start(StreamExecutionEnvironment environment, Path file, long count)
            throws IOException {
        StreamTableEnvironment tables = StreamTableEnvironment.create(environment);
        setUp(tables.getConfig());
        for (String statement : statements(file.resolveSibling("tables.sql"), count)) {
            tables.executeSql(statement);
        }
        TableResult last = null;
        for (String statement : statements(file, count)) {
            last = tables.executeSql(statement);
        }
        return last.getJobClient().orElseThrow();
    }
}
