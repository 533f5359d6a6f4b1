export { floatText } from "./json/float-text.js";
export { objectColumns } from "./json/row-columns.js";
