/** Where the walk is. */
const STAGES = ['Sign in', 'Issue', 'Keep', 'Use'] as const;

export function Stages({ now }: { readonly now: number }) {
  return (
    <ol className="stages" aria-label="Stages">
      {STAGES.map((name, index) => (
        <li
          key={name}
          className={index < now ? 'done' : ''}
          {...(index === now ? { 'aria-current': 'step' } : {})}
        >
          <span aria-hidden="true">{index < now ? '●' : index === now ? '◐' : '○'}</span> {name}
          {index < now && <span className="hidden">, done</span>}
        </li>
      ))}
    </ol>
  );
}
