import type { CstNode, CstParser, IToken } from "chevrotain";
import { type Chevrotain, loadChevrotain } from "../source/load-chevrotain.js";
import { makeSchemaTokens, type SchemaTokens } from "./schema-tokens.js";
import { expectationMessages } from "./syntax-error.js";

export interface SchemaParser extends CstParser {
  schema(): CstNode;
}

export interface SchemaGrammar {
  readonly parser: SchemaParser;
  tokenize(text: string): IToken[];
}

let shared: SchemaGrammar | undefined;

/** The one lexer and parser of `.pg`, made when the first schema is parsed. */
export function schemaGrammar(): SchemaGrammar {
  shared ??= makeSchemaGrammar(loadChevrotain(), { skipValidations: true });
  return shared;
}

/** With validations the grammar is checked while it is made: twice as slow, so only a test asks for it. */
export function makeSchemaGrammar(chevrotain: Chevrotain, options: { readonly skipValidations: boolean }): SchemaGrammar {
  const tokens = makeSchemaTokens(chevrotain);
  const modes = Object.fromEntries(Object.entries(tokens.modes).map(([mode, list]) => [mode, [...list]]));
  const lexer = new chevrotain.Lexer(
    { modes, defaultMode: "top" },
    { ...options, ensureOptimizations: true, positionTracking: "onlyOffset" },
  );
  const parser = makeSchemaParser(chevrotain, tokens, options);
  // Every mode has a catch-all token: there are no lexical errors.
  return { parser, tokenize: (text) => lexer.tokenize(text).tokens };
}

/** The grammar of §3, and nothing else: meaning is added by `build-schema-ast.ts`. */
function makeSchemaParser(
  chevrotain: Chevrotain,
  { byName: t }: SchemaTokens,
  options: { readonly skipValidations: boolean },
): SchemaParser {
  class Parser extends chevrotain.CstParser {
    constructor() {
      super(Object.values(t), { ...options, maxLookahead: 2, nodeLocationTracking: "none", errorMessageProvider: expectationMessages });
      this.performSelfAnalysis();
    }

    readonly schema = this.RULE("schema", () => {
      this.MANY(() => this.SUBRULE(this.declaration));
    });

    readonly declaration = this.RULE("declaration", () => {
      this.OR([
        { ALT: () => this.SUBRULE(this.interfaceDeclaration) },
        { ALT: () => this.SUBRULE(this.nodeDeclaration) },
        { ALT: () => this.SUBRULE(this.edgeDeclaration) },
      ]);
    });

    readonly interfaceDeclaration = this.RULE("interfaceDeclaration", () => {
      this.CONSUME(t.InterfaceKeyword);
      this.CONSUME(t.TypeName);
      this.CONSUME(t.LCurly);
      this.MANY(() => this.SUBRULE(this.property));
      this.CONSUME(t.RCurly);
    });

    readonly nodeDeclaration = this.RULE("nodeDeclaration", () => {
      this.CONSUME(t.NodeKeyword);
      this.CONSUME(t.TypeName);
      this.MANY(() => this.SUBRULE(this.annotation));
      this.OPTION(() => {
        this.CONSUME(t.ImplementsKeyword);
        this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.CONSUME2(t.TypeName, { LABEL: "implements" }) });
      });
      this.SUBRULE(this.body);
    });

    readonly edgeDeclaration = this.RULE("edgeDeclaration", () => {
      this.CONSUME(t.EdgeKeyword);
      this.CONSUME(t.TypeName);
      this.CONSUME(t.Colon);
      this.CONSUME2(t.TypeName, { LABEL: "source" });
      this.CONSUME(t.Arrow);
      this.CONSUME3(t.TypeName, { LABEL: "target" });
      this.OPTION(() => this.SUBRULE(this.cardinality));
      this.MANY(() => this.SUBRULE(this.annotation));
      this.OPTION2(() => this.SUBRULE(this.body));
    });

    readonly cardinality = this.RULE("cardinality", () => {
      this.CONSUME(t.Card);
      this.CONSUME(t.LParen);
      this.CONSUME(t.IntegerLiteral, { LABEL: "min" });
      this.CONSUME(t.DotDot);
      this.OPTION(() => this.CONSUME2(t.IntegerLiteral, { LABEL: "max" }));
      this.CONSUME(t.RParen);
    });

    readonly body = this.RULE("body", () => {
      this.CONSUME(t.LCurly);
      this.MANY(() => this.SUBRULE(this.bodyItem));
      this.CONSUME(t.RCurly);
    });

    readonly bodyItem = this.RULE("bodyItem", () => {
      this.OR([{ ALT: () => this.SUBRULE(this.property) }, { ALT: () => this.SUBRULE(this.constraint) }]);
    });

    readonly property = this.RULE("property", () => {
      this.CONSUME(t.Name);
      this.CONSUME(t.PropertyColon);
      this.SUBRULE(this.type);
      this.MANY(() => this.SUBRULE(this.annotation));
    });

    readonly type = this.RULE("type", () => {
      this.OR([
        { ALT: () => this.CONSUME(t.BaseTypeName) },
        { ALT: () => this.SUBRULE(this.listType) },
        { ALT: () => this.SUBRULE(this.enumType) },
        { ALT: () => this.SUBRULE(this.vectorType) },
      ]);
      this.OPTION(() => this.CONSUME(t.Question));
    });

    readonly listType = this.RULE("listType", () => {
      this.CONSUME(t.LSquare);
      this.CONSUME(t.ElementTypeName);
      this.CONSUME(t.RSquare);
    });

    readonly enumType = this.RULE("enumType", () => {
      this.CONSUME(t.EnumKeyword);
      this.CONSUME(t.EnumLParen);
      this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.CONSUME(t.EnumValue) });
      this.CONSUME(t.RParen);
    });

    readonly vectorType = this.RULE("vectorType", () => {
      this.CONSUME(t.VectorKeyword);
      this.CONSUME(t.LParen);
      this.CONSUME(t.IntegerLiteral);
      this.CONSUME(t.RParen);
    });

    readonly annotation = this.RULE("annotation", () => {
      this.CONSUME(t.At);
      this.CONSUME(t.AnnotationName);
      this.OPTION(() => {
        this.CONSUME(t.LParen);
        this.OR([{ ALT: () => this.SUBRULE(this.literal) }, { ALT: () => this.CONSUME(t.Name) }]);
        this.MANY(() => {
          this.CONSUME(t.Comma);
          this.SUBRULE(this.keywordArgument);
        });
        this.CONSUME(t.RParen);
      });
    });

    readonly keywordArgument = this.RULE("keywordArgument", () => {
      this.CONSUME(t.Name);
      this.CONSUME(t.Equals);
      this.SUBRULE(this.literal);
    });

    readonly literal = this.RULE("literal", () => {
      this.OR([
        { ALT: () => this.CONSUME(t.StringLiteral) },
        { ALT: () => this.CONSUME(t.FloatLiteral) },
        { ALT: () => this.CONSUME(t.IntegerLiteral) },
        { ALT: () => this.CONSUME(t.BooleanLiteral) },
      ]);
    });

    readonly constraint = this.RULE("constraint", () => {
      this.CONSUME(t.ConstraintAt);
      this.CONSUME(t.ConstraintName);
      this.CONSUME(t.ConstraintLParen);
      this.SUBRULE(this.constraintArgument);
      this.MANY(() => {
        this.CONSUME(t.Comma);
        this.OR([{ ALT: () => this.SUBRULE(this.keywordArgument) }, { ALT: () => this.SUBRULE2(this.constraintArgument) }]);
      });
      this.CONSUME(t.RParen);
    });

    readonly constraintArgument = this.RULE("constraintArgument", () => {
      this.OR([{ ALT: () => this.SUBRULE(this.bounds) }, { ALT: () => this.SUBRULE(this.literal) }, { ALT: () => this.CONSUME(t.Name) }]);
    });

    readonly bounds = this.RULE("bounds", () => {
      this.OR([
        {
          ALT: () => {
            this.SUBRULE(this.number, { LABEL: "min" });
            this.CONSUME(t.DotDot);
            this.OPTION(() => this.SUBRULE2(this.number, { LABEL: "max" }));
          },
        },
        {
          ALT: () => {
            this.CONSUME2(t.DotDot);
            this.SUBRULE3(this.number, { LABEL: "max" });
          },
        },
      ]);
    });

    readonly number = this.RULE("number", () => {
      this.OR([
        { ALT: () => this.CONSUME(t.IntegerLiteral) },
        { ALT: () => this.CONSUME(t.FloatLiteral) },
        { ALT: () => this.CONSUME(t.NegativeNumber) },
      ]);
    });
  }

  return new Parser();
}
