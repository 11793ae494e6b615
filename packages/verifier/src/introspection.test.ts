import { describe, expect, it } from 'vitest';
import { basicCredentials } from './introspection.ts';

const decode = (value: string) => Buffer.from(value.slice('Basic '.length), 'base64').toString('utf8');

describe('basicCredentials (RFC 6749 §2.3.1)', () => {
  it('gives the header of the RFC', () => {
    expect(basicCredentials({ clientId: 's6BhdRkqt3', clientSecret: '7Fjfp0ZBr1KtDRbnfVdmIw' })).toBe(
      'Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3',
    );
  });
  it('form-encodes both halves, so that a colon or a plus arrives as what it is', () => {
    expect(
      decode(basicCredentials({ clientId: 'https://app.example/a b', clientSecret: 'p:+%&=\u00e9' })),
    ).toBe('https%3A%2F%2Fapp.example%2Fa+b:p%3A%2B%25%26%3D%C3%A9');
  });
});
