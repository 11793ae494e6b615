/** The conditions of a policy, a line each: what is looked at, how it is compared, and with what. */
import { SelectField, TextField } from '../../parts/field.tsx';
import { CONDITION_KINDS, type ConditionRow, WORDS } from './condition-rows.ts';

export interface ConditionLinesProps {
  readonly rows: readonly ConditionRow[];
  readonly wrong: (name: string) => string | undefined;
  readonly onChange: (rows: readonly ConditionRow[]) => void;
}

export function ConditionLines({ rows, wrong, onChange }: ConditionLinesProps) {
  const change = (index: number, row: ConditionRow): void => onChange(rows.with(index, row));
  return (
    <fieldset>
      <legend>When</legend>
      <p className="hint small muted">
        {rows.length === 0
          ? 'Always. Add conditions to say when; all of them have to be met.'
          : 'All of these have to be met. One that cannot be judged blocks.'}
      </p>
      {rows.map((row, index) => (
        <ConditionLine
          // oxlint-disable-next-line react/no-array-index-key -- lines have no names of their own
          key={index}
          row={row}
          number={index + 1}
          wrong={wrong(row.name)}
          onChange={(changed) => change(index, changed)}
          onRemove={() => onChange(rows.toSpliced(index, 1))}
        />
      ))}
      <p>
        <button
          type="button"
          className="quiet"
          onClick={() => onChange([...rows, { name: 'client', word: 'any_of', text: '' }])}
        >
          Add a condition
        </button>
      </p>
    </fieldset>
  );
}

interface ConditionLineProps {
  readonly row: ConditionRow;
  readonly number: number;
  readonly wrong: string | undefined;
  readonly onChange: (row: ConditionRow) => void;
  readonly onRemove: () => void;
}

function ConditionLine({ row, number, wrong, onChange, onRemove }: ConditionLineProps) {
  const kind = CONDITION_KINDS.find(({ name }) => name === row.name);
  return (
    <div className="condition">
      <SelectField
        label={`Condition ${number}`}
        value={row.name}
        choices={CONDITION_KINDS.map(({ name, text }) => ({ value: name, text }))}
        onChoice={(name) => {
          const word = CONDITION_KINDS.find((each) => each.name === name)?.words[0] ?? 'any_of';
          onChange({ name, word, text: '' });
        }}
      />
      <SelectField
        label="Comparison"
        value={row.word}
        choices={(kind?.words ?? [row.word]).map((word) => ({ value: word, text: WORDS[word] ?? word }))}
        onChoice={(word) => onChange({ ...row, word })}
      />
      <TextField
        label="With"
        hint={kind?.hint}
        mono
        required
        autoComplete="off"
        value={row.text}
        onText={(text) => onChange({ ...row, text })}
        wrong={wrong}
      />
      <button type="button" className="quiet" onClick={onRemove}>
        Remove condition {number}
      </button>
    </div>
  );
}
