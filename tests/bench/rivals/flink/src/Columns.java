// SPDX-License-Identifier: MIT
package rival;

import java.io.Serializable;
import java.util.List;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeRoot;

/** Reads the rows of a table, without a column boxed. Times are in milliseconds since 1970. */
final class Columns implements Serializable {
    private final LogicalTypeRoot[] types;

    Columns(List<LogicalType> types) {
        this.types = types.stream().map(LogicalType::getTypeRoot).toArray(LogicalTypeRoot[]::new);
    }

    private static long time(RowData row, int column) {
        return row.getTimestamp(column, 3).getMillisecond();
    }

    void add(Checksum checksum, RowData row) {
        for (int i = 0; i < types.length; i++) {
            switch (types[i]) {
                case BIGINT -> checksum.add(row.getLong(i));
                case DOUBLE -> checksum.add(row.getDouble(i));
                case TIMESTAMP_WITHOUT_TIME_ZONE -> checksum.add(time(row, i));
                default -> checksum.add(row.getString(i).toString());
            }
        }
        checksum.end();
    }

    /** With tabs between them. */
    String text(RowData row) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < types.length; i++) {
            text.append(i > 0 ? "\t" : "");
            switch (types[i]) {
                case BIGINT -> text.append(row.getLong(i));
                case TIMESTAMP_WITHOUT_TIME_ZONE -> text.append(time(row, i));
                default -> text.append(row.getString(i));
            }
        }
        return text.toString();
    }
}
