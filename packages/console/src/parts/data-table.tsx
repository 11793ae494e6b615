/** A dense table; on a phone each row stands for itself, with the names of the columns beside what is in them. */
import type { Key, ReactNode } from 'react';

export interface Column<Row> {
  readonly name: string;
  readonly cell: (row: Row) => ReactNode;
  /** For figures. */
  readonly numeric?: boolean;
  /** Its name is for screen readers only, as of a column of buttons. */
  readonly quiet?: boolean;
}

export interface DataTableProps<Row> {
  /** What the rows are. */
  readonly label: string;
  /** The first says what a row is about. */
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => Key;
}

// The roles are said once more, because a table that is drawn as something else stops being one for screen readers.
export function DataTable<Row>({ label, columns, rows, keyOf }: DataTableProps<Row>) {
  return (
    <table className="data" role="table" aria-label={label}>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map(({ name, numeric, quiet }) => (
            <th key={name} role="columnheader" scope="col" className={numeric === true ? 'numeric' : ''}>
              {quiet === true ? <span className="hidden">{name}</span> : name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={keyOf(row)} role="row">
            {columns.map(({ name, cell, numeric, quiet }, index) => {
              const content = cell(row);
              const className = [numeric === true && 'numeric', quiet === true && 'actions']
                .filter(Boolean)
                .join(' ');
              return index === 0 ? (
                <th key={name} role="rowheader" scope="row" className={className}>
                  {content}
                </th>
              ) : (
                <td
                  key={name}
                  role="cell"
                  className={className}
                  data-column={quiet === true ? undefined : name}
                >
                  {content}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
