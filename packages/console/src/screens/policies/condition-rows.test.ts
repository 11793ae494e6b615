import { describe, expect, it } from 'vitest';
import { conditionsOf, conditionsText, rowsOf } from './condition-rows.ts';

const CONDITIONS = {
  client: { any_of: ['one', 'two'], none_of: ['three'] },
  sign_in_age: { at_least: 600 },
  risk: { at_least: 'medium' },
  membership: { any_of: [{ organization_id: 'org_1', roles: ['owner'] }, { organization_id: 'org_2' }] },
};

describe('the conditions of a policy in a form', () => {
  it('leave out lines with nothing in them', () => {
    expect(conditionsOf([{ name: 'client', word: 'any_of', text: ' , ' }], {})).toEqual({});
  });
  it('keep what this console does not know', () => {
    const { rows, others } = rowsOf({ moon: { any_of: ['full'] }, client: { any_of: ['one'] } });
    expect(rows).toEqual([{ name: 'client', word: 'any_of', text: 'one' }]);
    expect(conditionsOf(rows, others)).toEqual({ moon: { any_of: ['full'] }, client: { any_of: ['one'] } });
  });
  it('come back as they were', () => {
    const { rows, others } = rowsOf(CONDITIONS);
    expect(rows).toHaveLength(5);
    expect(conditionsOf(rows, others)).toEqual(CONDITIONS);
  });
  it('are named in a line', () => {
    expect(conditionsText(CONDITIONS)).toBe('App, Age of the sign-in, Risk, Organization and role');
    expect(conditionsText({})).toBe('always');
  });
});
