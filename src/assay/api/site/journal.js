// What this browser keeps until the server has it: drafts, and responses on their way. One journal for each person.

export class Journal {
  constructor(person) {
    this.prefix = `assay.${person}.`;
  }

  read(name, otherwise = null) {
    try {
      return JSON.parse(localStorage.getItem(this.prefix + name)) ?? otherwise;
    } catch {
      return otherwise;
    }
  }

  // Says whether it is kept; a full or forbidden store is no reason to stop work.
  write(name, value) {
    try {
      localStorage.setItem(this.prefix + name, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  }

  drop(name) {
    localStorage.removeItem(this.prefix + name);
  }

  keepDraftsOf(assignments) {
    const known = new Set(assignments.map((id) => `${this.prefix}draft.${id}`));
    this.clear((key) => key.startsWith(`${this.prefix}draft.`) && !known.has(key));
  }

  clear(which = () => true) {
    Object.keys(localStorage)
      .filter((key) => key.startsWith(this.prefix) && which(key))
      .forEach((key) => localStorage.removeItem(key));
  }
}
