import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Template } from '#local/template/assembly.ts';
import { isTrue, NO_VALUE, references, resolve, type Scope } from '#local/template/intrinsics.ts';

function scopeOf(template: Partial<Template> = {}): Scope {
  const refs: Record<string, unknown> = {
    Queue: 'http://127.0.0.1/q',
    Stage: 'dev',
    'AWS::Region': 'us-east-1',
    'AWS::NoValue': NO_VALUE,
  };
  return {
    template: { Resources: {}, ...template },
    region: 'us-east-1',
    ref: (name) => refs[name],
    getAtt: (id, attribute) => `${id}!${attribute}`,
    importValue: (name) => `imported ${name}`,
  };
}

const value = (expression: unknown, template?: Partial<Template>) =>
  resolve(expression, scopeOf(template));

describe('an intrinsic function', () => {
  it.each<[unknown, unknown]>([
    [{ Ref: 'Queue' }, 'http://127.0.0.1/q'],
    [{ 'Fn::GetAtt': ['Queue', 'Arn'] }, 'Queue!Arn'],
    [{ 'Fn::GetAtt': 'Db.Endpoint.Port' }, 'Db!Endpoint.Port'],
    [{ 'Fn::Join': ['-', ['a', { Ref: 'Stage' }, 1]] }, 'a-dev-1'],
    [{ 'Fn::Sub': 'x/${Stage}/${Queue.Arn}/${!Literal}' }, 'x/dev/Queue!Arn/${Literal}'],
    [{ 'Fn::Sub': ['${Name}-${Stage}', { Name: { Ref: 'Queue' } }] }, 'http://127.0.0.1/q-dev'],
    [{ 'Fn::Select': ['1', { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
    [{ 'Fn::ImportValue': { 'Fn::Sub': '${Stage}-key' } }, 'imported dev-key'],
    [{ 'Fn::GetAZs': '' }, ['us-east-1a', 'us-east-1b', 'us-east-1c']],
    [{ 'Fn::Base64': 'hello' }, 'aGVsbG8='],
    [{ 'Fn::Cidr': ['10.0.0.0/16', 3, 8] }, ['10.0.0.0/24', '10.0.1.0/24', '10.0.2.0/24']],
    [{ 'Fn::Cidr': ['10.0.0.0/24', '2', '7'] }, ['10.0.0.0/25', '10.0.0.128/25']],
    [{ 'Fn::Equals': [1, '1'] }, true],
    [{ 'Fn::And': [{ 'Fn::Equals': ['a', 'a'] }, { 'Fn::Equals': ['a', 'b'] }] }, false],
    [{ 'Fn::Or': [{ 'Fn::Equals': ['a', 'a'] }, { 'Fn::Equals': ['a', 'b'] }] }, true],
    [{ 'Fn::Not': [{ 'Fn::Equals': ['a', 'a'] }] }, false],
  ])('%j is %j', (expression, expected) => {
    expect(value(expression)).toEqual(expected);
  });

  it('finds a value in a mapping, and says when it is not there', () => {
    const template = { Mappings: { Sizes: { dev: { cpu: 256 } } } };

    expect(value({ 'Fn::FindInMap': ['Sizes', { Ref: 'Stage' }, 'cpu'] }, template)).toBe(256);
    expect(() => value({ 'Fn::FindInMap': ['Sizes', 'prod', 'cpu'] }, template)).toThrow(
      'Sizes.prod.cpu',
    );
  });

  it('chooses by a condition of the template', () => {
    const template = {
      Conditions: {
        IsDev: { 'Fn::Equals': [{ Ref: 'Stage' }, 'dev'] },
        Both: { 'Fn::And': [{ Condition: 'IsDev' }, { 'Fn::Equals': ['a', 'a'] }] },
      },
    };

    expect(value({ 'Fn::If': ['Both', 'yes', 'no'] }, template)).toBe('yes');
    expect(isTrue('IsDev', scopeOf(template))).toBe(true);
    expect(() => isTrue('Other', scopeOf(template))).toThrow('no condition Other');
  });

  it('leaves out what is AWS::NoValue', () => {
    const nothing = { Ref: 'AWS::NoValue' };

    expect(value({ a: nothing, b: [1, nothing, 2] })).toEqual({ b: [1, 2] });
  });

  it('leaves the condition block of a policy alone', () => {
    const statement = { Condition: { StringEquals: { 'aws:SourceArn': 'x' } } };

    expect(value(statement)).toEqual(statement);
  });

  it.each([
    [{ 'Fn::Transform': {} }, 'Fn::Transform'],
    [{ 'Fn::Select': [3, ['a']] }, 'no such item'],
    [{ 'Fn::Cidr': ['10.0.0.0/24', 3, 7] }, 'no 3 subnets'],
  ])('%j is refused', (expression, why) => {
    expect(() => value(expression)).toThrow(why);
  });

  it('is the only thing that changes in a value', () => {
    const plain = fc.jsonValue().filter((json) => !JSON.stringify(json).includes('Ref'));
    fc.assert(
      fc.property(plain, (json) => {
        fc.pre(!/"(Fn::|Condition)/.test(JSON.stringify(json)));
        expect(JSON.stringify(value(json))).toBe(JSON.stringify(json));
      }),
    );
  });
});

describe('references', () => {
  it('are found in every form', () => {
    const found = references({
      a: { Ref: 'A' },
      b: [{ 'Fn::GetAtt': ['B', 'Arn'] }, { 'Fn::GetAtt': 'C.Arn' }],
      c: { 'Fn::Sub': ['${D} ${E.Arn} ${!No} ${Given}', { Given: { Ref: 'F' } }] },
    });

    expect(found.toSorted()).toEqual(['A', 'B', 'C', 'D', 'E', 'F', 'Given']);
  });
});
