import { type Chevrotain, loadChevrotain } from "./load-chevrotain.js";

export type {
  CstNode,
  ICstVisitor,
  ILexingError,
  ILexingResult,
  IParserErrorMessageProvider,
  IRecognitionException,
  IToken,
  ParserMethod,
  TokenType,
  CustomPatternMatcherFunc,
} from "chevrotain";

// The toolkit as named values, for modules that are themselves loaded only when something is parsed.
const chevrotain = loadChevrotain();

export const createToken: Chevrotain["createToken"] = chevrotain.createToken;
export const Lexer: Chevrotain["Lexer"] = chevrotain.Lexer;
export type Lexer = InstanceType<Chevrotain["Lexer"]>;
export const CstParser: Chevrotain["CstParser"] = chevrotain.CstParser;
export type CstParser = InstanceType<Chevrotain["CstParser"]>;
export const EOF: Chevrotain["EOF"] = chevrotain.EOF;
export const tokenMatcher: Chevrotain["tokenMatcher"] = chevrotain.tokenMatcher;
export const generateCstDts: Chevrotain["generateCstDts"] = chevrotain.generateCstDts;
