/** When a token ends: a few usual lives, the shortest first and chosen, and a date of one's own. */
import { RadioField, TextField } from '../../parts/field.tsx';
import { exactTime } from '../../parts/moment.tsx';

/** Days, a date (`2027-01-31`), or never. */
export type Expiration = { readonly days: number } | { readonly date: string } | 'never';

const DAY_SECONDS = 86_400;
const USUAL_DAYS = [7, 30, 60, 90] as const;

export interface ExpirationFieldProps {
  readonly value: Expiration;
  readonly onChange: (value: Expiration) => void;
  readonly maxLifetimeSeconds: number;
  readonly allowNever: boolean;
  /** Milliseconds. */
  readonly now: number;
}

export function ExpirationField({
  value,
  onChange,
  maxLifetimeSeconds,
  allowNever,
  now,
}: ExpirationFieldProps) {
  const chosen = value === 'never' ? 'never' : 'date' in value ? 'date' : String(value.days);
  const days = USUAL_DAYS.filter((each) => each * DAY_SECONDS <= maxLifetimeSeconds);
  return (
    <>
      <RadioField
        label="Expiration"
        value={chosen}
        choices={[
          ...days.map((each) => ({
            value: String(each),
            text: `${each} days`,
            hint: `until ${exactTime(now / 1000 + each * DAY_SECONDS).slice(0, 10)}`,
          })),
          { value: 'date', text: 'Custom' },
          ...(allowNever
            ? [{ value: 'never', text: 'No expiration', hint: 'It ends only when somebody revokes it.' }]
            : []),
        ]}
        onChoice={(choice) => {
          if (choice === 'never') onChange('never');
          else onChange(choice === 'date' ? { date: '' } : { days: Number(choice) });
        }}
      />
      {typeof value === 'object' && 'date' in value && (
        <TextField
          label="Ends on"
          hint={`At midnight UTC, until ${exactTime(now / 1000 + maxLifetimeSeconds).slice(0, 10)} at the latest.`}
          type="date"
          required
          value={value.date}
          onText={(date) => onChange({ date })}
        />
      )}
    </>
  );
}

/** For the API. @param now milliseconds */
export function endOf(
  value: Expiration,
  now: number,
): { readonly expires_at?: number; readonly never_expires?: true } {
  if (value === 'never') return { never_expires: true };
  if ('days' in value) return { expires_at: Math.floor(now / 1000) + value.days * DAY_SECONDS };
  const at = Date.parse(`${value.date}T00:00:00Z`);
  return Number.isNaN(at) ? {} : { expires_at: at / 1000 };
}
