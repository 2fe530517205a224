// Stands for the workbenches' native logging library, which is not compiled here: without any, one of them never comes to rest.
const { appendFileSync, mkdirSync } = require("node:fs");
const { dirname } = require("node:path");

const LEVELS = ["trace", "debug", "info", "warning", "error", "critical"];

class Logger {
  constructor(_kind, _name, file) {
    this.file = file;
    this.level = 2;
    mkdirSync(dirname(file), { recursive: true });
  }
  write(level, text) {
    if (level >= this.level) appendFileSync(this.file, `${new Date().toISOString()} [${LEVELS[level]}] ${text}\n`);
  }
  getLevel() {
    return this.level;
  }
  setLevel(level) {
    this.level = level;
  }
  clearFormatters() {}
  setPattern() {}
  flush() {}
  drop() {}
}
LEVELS.forEach((name, level) => {
  Logger.prototype[name === "warning" ? "warn" : name] = function (text) {
    this.write(level, text);
  };
});

const create = async (name, file) => new Logger("rotating", name, file);
// Named one by one: the newest workbench imports them as a module's, and Node finds names only so.
exports.version = 0;
exports.Logger = Logger;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.shutdown = () => {};
exports.createRotatingLogger = create;
exports.createAsyncRotatingLogger = create;
