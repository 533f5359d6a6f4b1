import type { CstNode, CstParser, ILexingResult, TokenType } from "chevrotain";
import { type Chevrotain, loadChevrotain } from "../source/load-chevrotain.js";
import { makeQueryTokens, type QueryTokens } from "./query-tokens.js";
import { syntaxMessages } from "./syntax-messages.js";

export interface QueryParser extends CstParser {
  file(): CstNode;
}

export interface QueryGrammar {
  readonly tokens: QueryTokens;
  readonly parser: QueryParser;
  tokenize(text: string): ILexingResult;
}

let grammar: QueryGrammar | undefined;

/** The one lexer and parser of `.gq`, made when the first query is parsed. */
export function queryGrammar(): QueryGrammar {
  grammar ??= makeQueryGrammar(loadChevrotain(), { skipValidations: true });
  return grammar;
}

/** With validations the grammar is checked for ambiguities while it is made: slow, so only a test asks for it. */
export function makeQueryGrammar(chevrotain: Chevrotain, options: { readonly skipValidations: boolean }): QueryGrammar {
  const tokens = makeQueryTokens(chevrotain);
  const lexer = new chevrotain.Lexer([...tokens.vocabulary], {
    ensureOptimizations: true,
    // The tree builder needs the ends of tokens, which the cheaper mode leaves out.
    positionTracking: "full",
    // One error is enough, and skipping characters after it is quadratic on hostile input.
    recoveryEnabled: false,
    skipValidations: options.skipValidations,
  });
  const parser = makeParser(chevrotain, tokens, options.skipValidations);
  return { tokens, parser, tokenize: (text) => lexer.tokenize(text) };
}

/**
 * Grammar of query specification §3. Alternatives of a clause are told apart by bounded look-ahead that has the effect
 * of the ordered choice GR-1; everything the grammar cannot say is left to the tree builder.
 */
function makeParser(chevrotain: Chevrotain, { vocabulary, byName: t }: QueryTokens, skipValidations: boolean): QueryParser {
  const { tokenMatcher } = chevrotain;

  class Parser extends chevrotain.CstParser {
    constructor() {
      super([...vocabulary], { maxLookahead: 2, nodeLocationTracking: "onlyOffset", errorMessageProvider: syntaxMessages, skipValidations });
      this.performSelfAnalysis();
    }

    #at(offset: number, type: TokenType): boolean {
      return tokenMatcher(this.LA(offset), type);
    }

    /** A call needs its parenthesis: without it the word is a name (GR-10). */
    #callOf(...types: readonly TokenType[]): boolean {
      return this.#at(2, t.LeftParen) && types.some((type) => this.#at(1, type));
    }

    #bindingAhead(): boolean {
      return this.#at(1, t.Variable) && this.#at(2, t.Colon);
    }

    /**
     * `$a word $b`, `$a word{…`, `$a <word>`, `$a $e:`. After a variable only `contains` and `starts_with` can also
     * continue a filter; they are edge words exactly when a variable or hop bounds follow (GR-1). Words that cannot be
     * edge words (GR-7, LX-5) are taken for one here, so that the message is about them.
     */
    #traversalAhead(): boolean {
      if (!this.#at(1, t.Variable)) return false;
      if (this.#at(2, t.Variable) || this.#at(2, t.TypeName)) return true;
      if (this.#at(2, t.Less)) return this.#at(3, t.Identifier) && this.#at(4, t.Greater);
      if (!this.#at(2, t.Identifier)) return false;
      if (!this.#at(2, t.contains) && !this.#at(2, t.starts_with)) return true;
      return this.#at(3, t.Variable) || this.#at(3, t.LeftBrace);
    }

    /** A lone `not` before an operator is a name like every other. */
    #negationAhead(): boolean {
      const operators = [t.Equal, t.NotEqual, t.Less, t.LessOrEqual, t.Greater, t.GreaterOrEqual, t.contains, t.starts_with];
      return this.#at(1, t.not) && !operators.some((operator) => this.#at(2, operator));
    }

    readonly file = this.RULE("file", () => {
      this.MANY(() => this.SUBRULE(this.queryDeclaration));
    });

    readonly queryDeclaration = this.RULE("queryDeclaration", () => {
      this.CONSUME(t.query);
      this.CONSUME(t.Identifier);
      this.CONSUME(t.LeftParen);
      this.MANY_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.parameter) });
      this.CONSUME(t.RightParen);
      this.MANY(() => this.SUBRULE(this.annotation));
      this.CONSUME(t.LeftBrace);
      this.OR([{ ALT: () => this.SUBRULE(this.readBody) }, { ALT: () => this.SUBRULE(this.mutationBody) }]);
      this.CONSUME(t.RightBrace);
    });

    readonly annotation = this.RULE("annotation", () => {
      this.CONSUME(t.At);
      this.CONSUME(t.Identifier);
      this.CONSUME(t.LeftParen);
      this.CONSUME(t.StringLiteral);
      this.CONSUME(t.RightParen);
    });

    readonly parameter = this.RULE("parameter", () => {
      this.CONSUME(t.Variable);
      this.CONSUME(t.Colon);
      this.SUBRULE(this.parameterType);
    });

    readonly parameterType = this.RULE("parameterType", () => {
      this.OR([
        {
          ALT: () => {
            this.CONSUME(t.LeftBracket);
            this.CONSUME(t.TypeName, { LABEL: "itemType" });
            this.CONSUME(t.RightBracket);
          },
        },
        {
          ALT: () => {
            this.CONSUME1(t.TypeName, { LABEL: "type" });
            this.OPTION(() => {
              this.CONSUME(t.LeftParen);
              this.CONSUME(t.IntegerLiteral);
              this.CONSUME(t.RightParen);
            });
          },
        },
      ]);
      this.OPTION1(() => this.CONSUME(t.Question));
    });

    readonly readBody = this.RULE("readBody", () => {
      this.CONSUME(t.match);
      this.SUBRULE(this.block);
      this.CONSUME(t.return);
      this.CONSUME(t.LeftBrace);
      this.AT_LEAST_ONE(() => this.SUBRULE(this.projection));
      this.CONSUME(t.RightBrace);
      this.OPTION(() => {
        this.CONSUME(t.order);
        this.CONSUME1(t.LeftBrace);
        this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.ordering) });
        this.CONSUME1(t.RightBrace);
      });
      this.OPTION1(() => {
        this.CONSUME(t.limit);
        this.CONSUME(t.IntegerLiteral);
      });
    });

    readonly block = this.RULE("block", () => {
      this.CONSUME(t.LeftBrace);
      this.AT_LEAST_ONE(() => this.SUBRULE(this.clause));
      this.CONSUME(t.RightBrace);
    });

    readonly clause = this.RULE("clause", () => {
      this.OR({
        DEF: [
          { GATE: () => this.#negationAhead(), ALT: () => this.SUBRULE(this.negation) },
          { GATE: () => this.#bindingAhead(), ALT: () => this.SUBRULE(this.binding) },
          { GATE: () => this.#traversalAhead(), ALT: () => this.SUBRULE(this.traversal) },
          { GATE: () => this.#callOf(t.search, t.fuzzy, t.match_text), ALT: () => this.SUBRULE(this.textClause) },
          { ALT: () => this.SUBRULE(this.filter) },
        ],
        IGNORE_AMBIGUITIES: true,
      });
    });

    readonly negation = this.RULE("negation", () => {
      this.CONSUME(t.not);
      this.SUBRULE(this.block);
    });

    readonly binding = this.RULE("binding", () => {
      this.CONSUME(t.Variable);
      this.CONSUME(t.Colon);
      this.CONSUME(t.TypeName);
      this.OPTION(() => {
        this.CONSUME(t.LeftBrace);
        this.SUBRULE(this.propertyMatch);
        this.MANY({
          GATE: () => this.#at(2, t.Identifier),
          DEF: () => {
            this.CONSUME(t.Comma);
            this.SUBRULE1(this.propertyMatch);
          },
        });
        this.OPTION1(() => this.CONSUME1(t.Comma));
        this.CONSUME(t.RightBrace);
      });
    });

    readonly propertyMatch = this.RULE("propertyMatch", () => {
      this.CONSUME(t.Identifier);
      this.CONSUME(t.Colon);
      this.SUBRULE(this.value);
    });

    readonly traversal = this.RULE("traversal", () => {
      this.CONSUME(t.Variable, { LABEL: "source" });
      this.OPTION(() => {
        this.CONSUME1(t.Variable, { LABEL: "edgeVariable" });
        this.CONSUME(t.Colon);
      });
      this.SUBRULE(this.edgeWord);
      this.OPTION1(() => this.SUBRULE(this.hops));
      this.CONSUME2(t.Variable, { LABEL: "destination" });
    });

    readonly edgeWord = this.RULE("edgeWord", () => {
      this.OR([
        { GATE: () => !this.#at(1, t.not), ALT: () => this.CONSUME(t.Identifier) },
        {
          GATE: () => !this.#at(2, t.not),
          ALT: () => {
            this.CONSUME(t.Less);
            this.CONSUME1(t.Identifier);
            this.CONSUME(t.Greater);
          },
        },
      ]);
    });

    readonly hops = this.RULE("hops", () => {
      this.CONSUME(t.LeftBrace);
      this.CONSUME(t.IntegerLiteral, { LABEL: "minimum" });
      this.CONSUME(t.Comma);
      this.OPTION(() => this.CONSUME1(t.IntegerLiteral, { LABEL: "maximum" }));
      this.CONSUME(t.RightBrace);
    });

    readonly textClause = this.RULE("textClause", () => {
      this.SUBRULE(this.textCall);
      this.OPTION(() => {
        this.SUBRULE(this.filterOperator);
        this.SUBRULE(this.expression);
      });
    });

    readonly filter = this.RULE("filter", () => {
      this.SUBRULE(this.expression);
      this.SUBRULE(this.filterOperator);
      this.SUBRULE1(this.expression);
    });

    readonly filterOperator = this.RULE("filterOperator", () => {
      this.OR([
        { ALT: () => this.SUBRULE(this.comparisonOperator) },
        { ALT: () => this.CONSUME(t.contains) },
        { ALT: () => this.CONSUME(t.starts_with) },
      ]);
    });

    readonly comparisonOperator = this.RULE("comparisonOperator", () => {
      this.OR([
        { ALT: () => this.CONSUME(t.Equal) },
        { ALT: () => this.CONSUME(t.NotEqual) },
        { ALT: () => this.CONSUME(t.LessOrEqual) },
        { ALT: () => this.CONSUME(t.GreaterOrEqual) },
        { ALT: () => this.CONSUME(t.Less) },
        { ALT: () => this.CONSUME(t.Greater) },
      ]);
    });

    readonly projection = this.RULE("projection", () => {
      this.SUBRULE(this.expression);
      this.OPTION({
        // A lone `as` is the next projection, a reference to an alias of that name.
        GATE: () => this.#at(2, t.Identifier) || this.#at(2, t.TypeName),
        DEF: () => {
          this.CONSUME(t.as);
          this.CONSUME(t.Identifier);
        },
      });
      this.OPTION1(() => this.CONSUME(t.Comma));
    });

    readonly ordering = this.RULE("ordering", () => {
      this.OR([
        { GATE: () => this.#callOf(t.nearest), ALT: () => this.SUBRULE(this.nearestCall) },
        {
          ALT: () => {
            this.SUBRULE(this.expression);
            this.OPTION(() => this.OR1([{ ALT: () => this.CONSUME(t.asc) }, { ALT: () => this.CONSUME(t.desc) }]));
          },
          IGNORE_AMBIGUITIES: true,
        },
      ]);
    });

    readonly expression = this.RULE("expression", () => {
      this.OR({
        DEF: [
          { GATE: () => this.#callOf(t.now), ALT: () => this.SUBRULE(this.nowCall) },
          { GATE: () => this.#callOf(t.nearest), ALT: () => this.SUBRULE(this.nearestCall) },
          { GATE: () => this.#callOf(t.search, t.fuzzy, t.match_text), ALT: () => this.SUBRULE(this.textCall) },
          { GATE: () => this.#callOf(t.bm25), ALT: () => this.SUBRULE(this.bm25Call) },
          { GATE: () => this.#callOf(t.rrf), ALT: () => this.SUBRULE(this.rrfCall) },
          { GATE: () => this.#callOf(t.count, t.sum, t.avg, t.min, t.max), ALT: () => this.SUBRULE(this.aggregate) },
          { ALT: () => this.SUBRULE(this.variable) },
          { GATE: () => this.#literalAhead(), ALT: () => this.SUBRULE(this.literal) },
          { ALT: () => this.CONSUME(t.Identifier) },
        ],
        IGNORE_AMBIGUITIES: true,
      });
    });

    #literalAhead(): boolean {
      return !this.#at(1, t.Identifier) || this.#at(1, t.true) || this.#at(1, t.false) || this.#callOf(t.date, t.datetime);
    }

    readonly variable = this.RULE("variable", () => {
      this.CONSUME(t.Variable);
      this.OPTION(() => {
        this.CONSUME(t.Dot);
        this.CONSUME(t.Identifier);
      });
    });

    readonly nowCall = this.RULE("nowCall", () => {
      this.CONSUME(t.now);
      this.CONSUME(t.LeftParen);
      this.CONSUME(t.RightParen);
    });

    readonly nearestCall = this.RULE("nearestCall", () => {
      this.CONSUME(t.nearest);
      this.CONSUME(t.LeftParen);
      this.CONSUME(t.Variable);
      this.CONSUME(t.Dot);
      this.CONSUME(t.Identifier);
      this.CONSUME(t.Comma);
      this.SUBRULE(this.expression);
      this.CONSUME(t.RightParen);
    });

    readonly textCall = this.RULE("textCall", () => {
      this.OR([
        { ALT: () => this.CONSUME(t.search) },
        { ALT: () => this.CONSUME(t.fuzzy) },
        { ALT: () => this.CONSUME(t.match_text) },
      ]);
      const isFuzzy = tokenMatcher(this.LA(0), t.fuzzy);
      this.CONSUME(t.LeftParen);
      this.SUBRULE(this.expression);
      this.CONSUME(t.Comma);
      this.SUBRULE1(this.expression);
      this.OPTION({
        GATE: () => isFuzzy,
        DEF: () => {
          this.CONSUME1(t.Comma);
          this.SUBRULE2(this.expression);
        },
      });
      this.CONSUME(t.RightParen);
    });

    readonly bm25Call = this.RULE("bm25Call", () => {
      this.CONSUME(t.bm25);
      this.CONSUME(t.LeftParen);
      this.SUBRULE(this.expression);
      this.CONSUME(t.Comma);
      this.SUBRULE1(this.expression);
      this.CONSUME(t.RightParen);
    });

    readonly rrfCall = this.RULE("rrfCall", () => {
      this.CONSUME(t.rrf);
      this.CONSUME(t.LeftParen);
      this.SUBRULE(this.rankCall);
      this.CONSUME(t.Comma);
      this.SUBRULE1(this.rankCall);
      this.OPTION(() => {
        this.CONSUME1(t.Comma);
        this.SUBRULE(this.expression);
      });
      this.CONSUME(t.RightParen);
    });

    readonly rankCall = this.RULE("rankCall", () => {
      this.OR([{ ALT: () => this.SUBRULE(this.nearestCall) }, { ALT: () => this.SUBRULE(this.bm25Call) }]);
    });

    readonly aggregate = this.RULE("aggregate", () => {
      this.OR([
        { ALT: () => this.CONSUME(t.count) },
        { ALT: () => this.CONSUME(t.sum) },
        { ALT: () => this.CONSUME(t.avg) },
        { ALT: () => this.CONSUME(t.min) },
        { ALT: () => this.CONSUME(t.max) },
      ]);
      this.CONSUME(t.LeftParen);
      this.SUBRULE(this.expression);
      this.CONSUME(t.RightParen);
    });

    readonly mutationBody = this.RULE("mutationBody", () => {
      this.AT_LEAST_ONE(() =>
        this.OR([
          { ALT: () => this.SUBRULE(this.insertStatement) },
          { ALT: () => this.SUBRULE(this.updateStatement) },
          { ALT: () => this.SUBRULE(this.deleteStatement) },
        ]),
      );
    });

    readonly insertStatement = this.RULE("insertStatement", () => {
      this.CONSUME(t.insert);
      this.CONSUME(t.TypeName);
      this.SUBRULE(this.assignments);
    });

    readonly updateStatement = this.RULE("updateStatement", () => {
      this.CONSUME(t.update);
      this.CONSUME(t.TypeName);
      this.CONSUME(t.set);
      this.SUBRULE(this.assignments);
      this.CONSUME(t.where);
      this.SUBRULE(this.predicate);
    });

    readonly deleteStatement = this.RULE("deleteStatement", () => {
      this.CONSUME(t.delete);
      this.CONSUME(t.TypeName);
      this.CONSUME(t.where);
      this.SUBRULE(this.predicate);
    });

    readonly assignments = this.RULE("assignments", () => {
      this.CONSUME(t.LeftBrace);
      this.AT_LEAST_ONE(() => this.SUBRULE(this.assignment));
      this.CONSUME(t.RightBrace);
    });

    readonly assignment = this.RULE("assignment", () => {
      this.CONSUME(t.Identifier);
      this.CONSUME(t.Colon);
      this.SUBRULE(this.value);
      this.OPTION(() => this.CONSUME(t.Comma));
    });

    readonly predicate = this.RULE("predicate", () => {
      this.CONSUME(t.Identifier);
      this.SUBRULE(this.comparisonOperator);
      this.SUBRULE(this.value);
    });

    readonly value = this.RULE("value", () => {
      this.OR([
        { ALT: () => this.CONSUME(t.Variable) },
        { ALT: () => this.SUBRULE(this.nowCall) },
        { ALT: () => this.SUBRULE(this.literal) },
      ]);
    });

    readonly literal = this.RULE("literal", () => {
      this.OR([
        { ALT: () => this.CONSUME(t.StringLiteral) },
        { ALT: () => this.CONSUME(t.FloatLiteral) },
        { ALT: () => this.CONSUME(t.IntegerLiteral) },
        { ALT: () => this.CONSUME(t.true) },
        { ALT: () => this.CONSUME(t.false) },
        { ALT: () => this.SUBRULE(this.dateCall) },
        { ALT: () => this.SUBRULE(this.listLiteral) },
      ]);
    });

    readonly dateCall = this.RULE("dateCall", () => {
      this.OR([{ ALT: () => this.CONSUME(t.date) }, { ALT: () => this.CONSUME(t.datetime) }]);
      this.CONSUME(t.LeftParen);
      this.CONSUME(t.StringLiteral);
      this.CONSUME(t.RightParen);
    });

    readonly listLiteral = this.RULE("listLiteral", () => {
      this.CONSUME(t.LeftBracket);
      this.MANY_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.literal) });
      this.CONSUME(t.RightBracket);
    });
  }

  return new Parser();
}
