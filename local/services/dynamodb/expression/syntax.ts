/** A step of a document path: an attribute's name, a `#placeholder` of one, or a list index. */
export type PathStep =
  { readonly name: string } | { readonly placeholder: string } | { readonly index: number };

/** A document path as written. */
export type PathSyntax = readonly PathStep[];

/** What may stand beside an operator. */
export type Operand =
  | { readonly kind: 'path'; readonly path: PathSyntax }
  | { readonly kind: 'value'; readonly name: string }
  | { readonly kind: 'size'; readonly of: Operand };

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type PredicateName =
  'attribute_exists' | 'attribute_not_exists' | 'attribute_type' | 'begins_with' | 'contains';

/** A condition, key condition or filter. */
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly of: Condition }
  | {
      readonly kind: 'compare';
      readonly operator: Comparator;
      readonly left: Operand;
      readonly right: Operand;
    }
  | {
      readonly kind: 'between';
      readonly of: Operand;
      readonly low: Operand;
      readonly high: Operand;
    }
  | { readonly kind: 'in'; readonly of: Operand; readonly among: readonly Operand[] }
  | {
      readonly kind: 'predicate';
      readonly name: PredicateName;
      readonly operands: readonly Operand[];
    };

/** The right side of a SET clause. */
export type SetValue =
  | { readonly kind: 'path'; readonly path: PathSyntax }
  | { readonly kind: 'value'; readonly name: string }
  | { readonly kind: 'if_not_exists'; readonly path: PathSyntax; readonly otherwise: SetValue }
  | { readonly kind: 'list_append'; readonly left: SetValue; readonly right: SetValue }
  | { readonly kind: '+' | '-'; readonly left: SetValue; readonly right: SetValue };

/** An UpdateExpression. */
export interface UpdateSyntax {
  readonly sets: readonly { readonly path: PathSyntax; readonly value: SetValue }[];
  readonly removes: readonly PathSyntax[];
  readonly adds: readonly { readonly path: PathSyntax; readonly value: string }[];
  readonly deletes: readonly { readonly path: PathSyntax; readonly value: string }[];
}

/** An expression parsed, with the placeholders that it uses. */
export interface Parsed<Syntax> {
  readonly label: string;
  readonly syntax: Syntax;
  readonly names: ReadonlySet<string>;
  readonly values: ReadonlySet<string>;
  /** The first steps of all paths, as written. */
  readonly roots: ReadonlySet<string>;
}
