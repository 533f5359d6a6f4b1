import { type CstNode, CstParser, type IParserErrorMessageProvider, type ParserMethod } from "../source/chevrotain.js";
import {
  AnnotationName,
  Arrow,
  At,
  BaseTypeName,
  BooleanLiteral,
  Card,
  Colon,
  Comma,
  ConstraintAt,
  ConstraintLParen,
  ConstraintName,
  DotDot,
  EdgeKeyword,
  ElementTypeName,
  EnumKeyword,
  EnumLParen,
  EnumValue,
  Equals,
  FloatLiteral,
  ImplementsKeyword,
  IntegerLiteral,
  InterfaceKeyword,
  LCurly,
  LParen,
  LSquare,
  Name,
  NegativeNumber,
  NodeKeyword,
  PropertyColon,
  Question,
  RCurly,
  RParen,
  RSquare,
  SCHEMA_TOKENS,
  StringLiteral,
  TypeName,
  VectorKeyword,
} from "./schema-tokens.js";

type Rule = ParserMethod<[], CstNode>;

/** The grammar of §3, and nothing else: meaning is added by `build-schema-ast.ts`. */
export class SchemaParser extends CstParser {
  /** `skipValidations` saves half of the construction; a test constructs with validations. */
  constructor(errorMessageProvider: IParserErrorMessageProvider, options: { readonly skipValidations: boolean }) {
    super(SCHEMA_TOKENS, { ...options, maxLookahead: 2, recoveryEnabled: false, nodeLocationTracking: "none", errorMessageProvider });
    this.performSelfAnalysis();
  }

  readonly schema: Rule = this.RULE("schema", () => {
    this.MANY(() => this.SUBRULE(this.declaration));
  });

  readonly declaration: Rule = this.RULE("declaration", () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.interfaceDeclaration) },
      { ALT: () => this.SUBRULE(this.nodeDeclaration) },
      { ALT: () => this.SUBRULE(this.edgeDeclaration) },
    ]);
  });

  readonly interfaceDeclaration: Rule = this.RULE("interfaceDeclaration", () => {
    this.CONSUME(InterfaceKeyword);
    this.CONSUME(TypeName);
    this.CONSUME(LCurly);
    this.MANY(() => this.SUBRULE(this.property));
    this.CONSUME(RCurly);
  });

  readonly nodeDeclaration: Rule = this.RULE("nodeDeclaration", () => {
    this.CONSUME(NodeKeyword);
    this.CONSUME(TypeName);
    this.MANY(() => this.SUBRULE(this.annotation));
    this.OPTION(() => {
      this.CONSUME(ImplementsKeyword);
      this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => this.CONSUME2(TypeName, { LABEL: "implements" }) });
    });
    this.SUBRULE(this.body);
  });

  readonly edgeDeclaration: Rule = this.RULE("edgeDeclaration", () => {
    this.CONSUME(EdgeKeyword);
    this.CONSUME(TypeName);
    this.CONSUME(Colon);
    this.CONSUME2(TypeName, { LABEL: "source" });
    this.CONSUME(Arrow);
    this.CONSUME3(TypeName, { LABEL: "target" });
    this.OPTION(() => this.SUBRULE(this.cardinality));
    this.MANY(() => this.SUBRULE(this.annotation));
    this.OPTION2(() => this.SUBRULE(this.body));
  });

  readonly cardinality: Rule = this.RULE("cardinality", () => {
    this.CONSUME(Card);
    this.CONSUME(LParen);
    this.CONSUME(IntegerLiteral, { LABEL: "min" });
    this.CONSUME(DotDot);
    this.OPTION(() => this.CONSUME2(IntegerLiteral, { LABEL: "max" }));
    this.CONSUME(RParen);
  });

  readonly body: Rule = this.RULE("body", () => {
    this.CONSUME(LCurly);
    this.MANY(() => this.SUBRULE(this.bodyItem));
    this.CONSUME(RCurly);
  });

  readonly bodyItem: Rule = this.RULE("bodyItem", () => {
    this.OR([{ ALT: () => this.SUBRULE(this.property) }, { ALT: () => this.SUBRULE(this.constraint) }]);
  });

  readonly property: Rule = this.RULE("property", () => {
    this.CONSUME(Name);
    this.CONSUME(PropertyColon);
    this.SUBRULE(this.type);
    this.MANY(() => this.SUBRULE(this.annotation));
  });

  readonly type: Rule = this.RULE("type", () => {
    this.OR([
      { ALT: () => this.CONSUME(BaseTypeName) },
      { ALT: () => this.SUBRULE(this.listType) },
      { ALT: () => this.SUBRULE(this.enumType) },
      { ALT: () => this.SUBRULE(this.vectorType) },
    ]);
    this.OPTION(() => this.CONSUME(Question));
  });

  readonly listType: Rule = this.RULE("listType", () => {
    this.CONSUME(LSquare);
    this.CONSUME(ElementTypeName);
    this.CONSUME(RSquare);
  });

  readonly enumType: Rule = this.RULE("enumType", () => {
    this.CONSUME(EnumKeyword);
    this.CONSUME(EnumLParen);
    this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => this.CONSUME(EnumValue) });
    this.CONSUME(RParen);
  });

  readonly vectorType: Rule = this.RULE("vectorType", () => {
    this.CONSUME(VectorKeyword);
    this.CONSUME(LParen);
    this.CONSUME(IntegerLiteral);
    this.CONSUME(RParen);
  });

  readonly annotation: Rule = this.RULE("annotation", () => {
    this.CONSUME(At);
    this.CONSUME(AnnotationName);
    this.OPTION(() => {
      this.CONSUME(LParen);
      this.OR([{ ALT: () => this.SUBRULE(this.literal) }, { ALT: () => this.CONSUME(Name) }]);
      this.MANY(() => {
        this.CONSUME(Comma);
        this.SUBRULE(this.keywordArgument);
      });
      this.CONSUME(RParen);
    });
  });

  readonly keywordArgument: Rule = this.RULE("keywordArgument", () => {
    this.CONSUME(Name);
    this.CONSUME(Equals);
    this.SUBRULE(this.literal);
  });

  readonly literal: Rule = this.RULE("literal", () => {
    this.OR([
      { ALT: () => this.CONSUME(StringLiteral) },
      { ALT: () => this.CONSUME(FloatLiteral) },
      { ALT: () => this.CONSUME(IntegerLiteral) },
      { ALT: () => this.CONSUME(BooleanLiteral) },
    ]);
  });

  readonly constraint: Rule = this.RULE("constraint", () => {
    this.CONSUME(ConstraintAt);
    this.CONSUME(ConstraintName);
    this.CONSUME(ConstraintLParen);
    this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => this.SUBRULE(this.constraintArgument) });
    this.CONSUME(RParen);
  });

  readonly constraintArgument: Rule = this.RULE("constraintArgument", () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.bounds) },
      { ALT: () => this.SUBRULE(this.literal) },
      { ALT: () => this.CONSUME(Name) },
    ]);
  });

  readonly bounds: Rule = this.RULE("bounds", () => {
    this.OR([
      {
        ALT: () => {
          this.SUBRULE(this.number, { LABEL: "min" });
          this.CONSUME(DotDot);
          this.OPTION(() => this.SUBRULE2(this.number, { LABEL: "max" }));
        },
      },
      {
        ALT: () => {
          this.CONSUME2(DotDot);
          this.SUBRULE3(this.number, { LABEL: "max" });
        },
      },
    ]);
  });

  readonly number: Rule = this.RULE("number", () => {
    this.OR([
      { ALT: () => this.CONSUME(IntegerLiteral) },
      { ALT: () => this.CONSUME(FloatLiteral) },
      { ALT: () => this.CONSUME(NegativeNumber) },
    ]);
  });
}
