import { expect, it } from 'vitest';
import { createKeep } from './keep.ts';

it('hands over what is made from the same, and then lets go of the one before', () => {
  const first = createKeep(undefined);
  const made = first.get('thing', [1], () => ({}));
  const second = createKeep(first);
  expect(second.get('thing', [1], () => ({}))).toBe(made);
  second.settle();
  first.get('thing', [2], () => 'kept by the first');
  expect(second.get('thing', [2], () => 'made anew')).toBe('made anew');
});
