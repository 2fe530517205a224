#compdef planmark
# Completion of planmark for zsh. In ~/.zshrc, after compinit: eval "$(planmark completion zsh)"
_planmark() {
    local line
    local -a typed lines texts shown
    typed=("${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}")
    lines=("${(@f)$(PLANMARK_WORDS="${(pj:\x1f:)typed}" command planmark completion --words zsh 2>/dev/null)}")
    for line in "${lines[@]}"; do
        [[ -n $line ]] || continue
        texts+=("${line%%$'\t'*}")
        shown+=("${line/$'\t'/  -- }")
    done
    if (( ${#texts} )); then
        compadd -l -d shown -a texts
    else
        _files
    fi
}
if [[ ${funcstack[1]} == _planmark ]]; then
    _planmark "$@"
elif (( ${+functions[compdef]} )); then
    compdef _planmark planmark
else
    print -u2 'planmark: no completion, because compinit did not run before'
fi
