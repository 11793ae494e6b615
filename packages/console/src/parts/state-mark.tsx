/** The state of a token or of something that has one: a colour, always with a shape and a word. */
export type TokenState = 'live' | 'ends-soon' | 'ended' | 'refused' | 'revoked' | 'waiting';

const STATES: Readonly<Record<TokenState, readonly [shape: string, word: string]>> = {
  live: ['●', 'live'],
  'ends-soon': ['◐', 'ends soon'],
  ended: ['○', 'ended'],
  refused: ['✕', 'refused'],
  revoked: ['✕', 'revoked'],
  waiting: ['◌', 'waiting'],
};

export function StateMark({ state, word }: { readonly state: TokenState; readonly word?: string }) {
  const [shape, usual] = STATES[state];
  return (
    <strong className={`state ${state}`}>
      <span aria-hidden="true">{shape}</span> {word ?? usual}
    </strong>
  );
}
