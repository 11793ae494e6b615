/** Fields of forms: a label, what it is for, what is wrong with it; each told to whoever cannot see it. */
import { type InputHTMLAttributes, type ReactNode, type TextareaHTMLAttributes, useId } from 'react';

interface FieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  /** What is wrong with what was typed. */
  readonly wrong?: string | undefined;
}

interface Described {
  readonly id: string;
  readonly 'aria-describedby'?: string;
  readonly 'aria-invalid'?: true;
}

/** @param children draws the control, with what ties it to its label */
function Field({
  label,
  hint,
  wrong,
  children,
}: FieldProps & { readonly children: (described: Described) => ReactNode }) {
  const id = useId();
  const told = [hint !== undefined && `${id}-hint`, wrong !== undefined && `${id}-wrong`].filter(
    (each) => each !== false,
  );
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {hint !== undefined && (
        <p className="hint small muted" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {children({
        id,
        ...(told.length > 0 && { 'aria-describedby': told.join(' ') }),
        ...(wrong !== undefined && { 'aria-invalid': true }),
      })}
      {wrong !== undefined && (
        <p className="wrong small" id={`${id}-wrong`}>
          {wrong}
        </p>
      )}
    </div>
  );
}

export interface TextFieldProps
  extends FieldProps,
    Omit<InputHTMLAttributes<HTMLInputElement>, 'id' | 'onChange' | 'value' | 'type'> {
  readonly value: string;
  readonly onText: (text: string) => void;
  readonly type?: 'text' | 'email' | 'password' | 'search' | 'url' | 'date' | 'number';
  readonly mono?: boolean;
}

export function TextField({
  label,
  hint,
  wrong,
  onText,
  mono = false,
  type = 'text',
  ...input
}: TextFieldProps) {
  return (
    <Field label={label} hint={hint} wrong={wrong}>
      {(described) => (
        <input
          {...input}
          {...described}
          type={type}
          className={mono ? 'mono' : ''}
          onChange={(event) => onText(event.target.value)}
        />
      )}
    </Field>
  );
}

export interface TextAreaProps
  extends FieldProps,
    Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'id' | 'onChange' | 'value'> {
  readonly value: string;
  readonly onText: (text: string) => void;
}

export function TextArea({ label, hint, wrong, onText, ...area }: TextAreaProps) {
  return (
    <Field label={label} hint={hint} wrong={wrong}>
      {(described) => <textarea {...area} {...described} onChange={(event) => onText(event.target.value)} />}
    </Field>
  );
}

export interface Choice {
  readonly value: string;
  readonly text: string;
}

export interface SelectFieldProps extends FieldProps {
  readonly value: string;
  readonly choices: readonly Choice[];
  readonly onChoice: (value: string) => void;
  readonly disabled?: boolean;
}

export function SelectField({ label, hint, wrong, value, choices, onChoice, disabled }: SelectFieldProps) {
  return (
    <Field label={label} hint={hint} wrong={wrong}>
      {(described) => (
        <select
          {...described}
          value={value}
          disabled={disabled}
          onChange={(event) => onChoice(event.target.value)}
        >
          {choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export interface ChoiceFieldProps<Value extends string> {
  /** The question. */
  readonly label: string;
  readonly hint?: ReactNode;
  readonly value: Value | undefined;
  readonly choices: readonly { readonly value: Value; readonly text: string; readonly hint?: ReactNode }[];
  readonly onChoice: (value: Value) => void;
}

/** One of a few, all of them seen at once. */
export function RadioField<Value extends string>({
  label,
  hint,
  value,
  choices,
  onChoice,
}: ChoiceFieldProps<Value>) {
  const name = useId();
  return (
    <fieldset>
      <legend>{label}</legend>
      {hint !== undefined && <p className="hint small muted">{hint}</p>}
      <div className="options">
        {choices.map((choice) => (
          <CheckBox
            key={choice.value}
            type="radio"
            name={name}
            text={choice.text}
            hint={choice.hint}
            checked={value === choice.value}
            onCheck={() => onChoice(choice.value)}
          />
        ))}
      </div>
    </fieldset>
  );
}

export interface CheckBoxProps {
  readonly text: ReactNode;
  readonly hint?: ReactNode;
  readonly checked: boolean;
  readonly onCheck: (checked: boolean) => void;
  readonly disabled?: boolean;
  readonly type?: 'checkbox' | 'radio';
  readonly name?: string;
}

export function CheckBox({ text, hint, checked, onCheck, disabled, type = 'checkbox', name }: CheckBoxProps) {
  const id = useId();
  return (
    <div className="option">
      <input
        id={id}
        type={type}
        name={name}
        checked={checked}
        disabled={disabled}
        {...(hint === undefined ? {} : { 'aria-describedby': `${id}-hint` })}
        onChange={(event) => onCheck(event.target.checked)}
      />
      <label htmlFor={id}>{text}</label>
      {hint !== undefined && (
        <span className="small muted" id={`${id}-hint`}>
          {hint}
        </span>
      )}
    </div>
  );
}
