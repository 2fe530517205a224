# Completion of planmark for bash 3.2 and later. In ~/.bashrc: eval "$(planmark completion bash)"
_planmark_completion() {
    local word
    COMPREPLY=()
    while IFS= read -r word; do
        COMPREPLY+=("$word")
    done < <(PLANMARK_WORDS="${COMP_LINE:0:COMP_POINT}" PLANMARK_SEPARATORS="$COMP_WORDBREAKS" \
        command planmark completion --words bash 2>/dev/null)
}
complete -o default -F _planmark_completion planmark
