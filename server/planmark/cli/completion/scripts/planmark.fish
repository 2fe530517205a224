# Completion of planmark for fish. In ~/.config/fish/config.fish: planmark completion fish | source
function __planmark_words
    set -l typed (commandline -opc)
    set -l current (commandline -ct)
    set -lx PLANMARK_WORDS (string join -- \x1f $typed "$current")
    set -l lines (command planmark completion --words fish 2>/dev/null)
    if test (count $lines) -gt 0
        printf '%s\n' $lines
    else
        __fish_complete_path "$current"
    end
end
complete -c planmark -f -a '(__planmark_words)'
