// SPDX-License-Identifier: MIT
package rival;

import java.io.Serializable;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.MapData;
import org.apache.flink.table.data.RawValueData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.types.RowKind;
import org.apache.flink.types.variant.Variant;

/** A row of what lies elsewhere. It has no column of the types that are not overridden. */
abstract class View implements RowData, Serializable {
    private final int arity;

    View(int arity) {
        this.arity = arity;
    }

    private static UnsupportedOperationException none() {
        return new UnsupportedOperationException("no column of this type");
    }

    @Override
    public int getArity() {
        return arity;
    }

    @Override
    public RowKind getRowKind() {
        return RowKind.INSERT;
    }

    @Override
    public void setRowKind(RowKind kind) {
        throw none();
    }

    @Override
    public boolean isNullAt(int column) {
        return false;
    }

    @Override
    public boolean getBoolean(int column) {
        throw none();
    }

    @Override
    public byte getByte(int column) {
        throw none();
    }

    @Override
    public short getShort(int column) {
        throw none();
    }

    @Override
    public int getInt(int column) {
        throw none();
    }

    @Override
    public long getLong(int column) {
        throw none();
    }

    @Override
    public float getFloat(int column) {
        throw none();
    }

    @Override
    public double getDouble(int column) {
        throw none();
    }

    @Override
    public StringData getString(int column) {
        throw none();
    }

    @Override
    public DecimalData getDecimal(int column, int precision, int scale) {
        throw none();
    }

    @Override
    public TimestampData getTimestamp(int column, int precision) {
        throw none();
    }

    @Override
    public <T> RawValueData<T> getRawValue(int column) {
        throw none();
    }

    @Override
    public byte[] getBinary(int column) {
        throw none();
    }

    @Override
    public ArrayData getArray(int column) {
        throw none();
    }

    @Override
    public MapData getMap(int column) {
        throw none();
    }

    @Override
    public RowData getRow(int column, int arity) {
        throw none();
    }

    @Override
    public Variant getVariant(int column) {
        throw none();
    }
}
