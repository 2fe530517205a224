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
module.exports = {
  version: 0,
  Logger,
  setLevel() {},
  setFlushOn() {},
  shutdown() {},
  createRotatingLogger: create,
  createAsyncRotatingLogger: create,
};
