/** A list of the APIs in all its states: on the way, failed, empty, there, and more of it. */
import type { Key, ReactNode } from 'react';
import type { List } from '../api/use-api.ts';
import { type Column, DataTable } from './data-table.tsx';
import { Loading } from './loading.tsx';
import { ProblemBox } from './problem-box.tsx';

export interface ListViewProps<Row> {
  /** What the rows are, in lower case, such as `apps`. */
  readonly label: string;
  readonly list: List<Row>;
  readonly columns: readonly Column<Row>[];
  readonly keyOf: (row: Row) => Key;
  readonly empty: ReactNode;
}

export function ListView<Row>({ label, list, columns, keyOf, empty }: ListViewProps<Row>) {
  const { items, problem, hasMore, isLoadingMore, loadMore, retry } = list;
  if (items === undefined) {
    return problem === null ? <Loading what={label} /> : <ProblemBox problem={problem} retry={retry} />;
  }
  if (items.length === 0) return empty;
  return (
    <>
      {problem !== null && <ProblemBox problem={problem} retry={retry} />}
      <DataTable label={label} columns={columns} rows={items} keyOf={keyOf} />
      {hasMore && (
        <p className="more">
          <button type="button" className="quiet" disabled={isLoadingMore} onClick={loadMore}>
            More {label}
          </button>
        </p>
      )}
    </>
  );
}
