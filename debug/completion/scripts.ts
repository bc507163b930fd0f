/** What a shell is to load. Each asks `sluice completion words -- …`, which reads files of the node only. */
export const SCRIPTS = {
  bash: `# bash completion for sluice: source <(sluice completion bash)
_sluice() {
  local line="\${COMP_LINE:0:COMP_POINT}"
  local -a words
  # Not COMP_WORDS: bash takes apart what holds a colon or an equals sign.
  IFS=$' \\t' read -r -a words <<< "$line"
  [[ "$line" == *[[:space:]] ]] && words+=("")
  local answer
  answer=$("\${words[0]}" completion words -- "\${words[@]:1}" 2>/dev/null) || return 0
  if [[ "$answer" == ":files" ]]; then
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}")
  else
    mapfile -t COMPREPLY <<< "$answer"
    [[ -n "$answer" ]] || COMPREPLY=()
  fi
}
complete -o nosort -F _sluice sluice sluice-cni
`,
  zsh: `#compdef sluice sluice-cni
# zsh completion for sluice: source <(sluice completion zsh)
_sluice() {
  local answer
  answer=$("\${words[1]}" completion words -- "\${(@)words[2,CURRENT]}" 2>/dev/null) || return 0
  if [[ "$answer" == ":files" ]]; then
    _files
  elif [[ -n "$answer" ]]; then
    compadd -- "\${(f)answer}"
  fi
}
compdef _sluice sluice sluice-cni
`,
  fish: `# fish completion for sluice: sluice completion fish | source
function __sluice_words
  set -l words (commandline -opc) (commandline -ct)
  set -l answer ($words[1] completion words -- $words[2..-1] 2>/dev/null)
  if test "$answer" = ":files"
    __fish_complete_path (commandline -ct)
  else
    printf '%s\\n' $answer
  end
end
complete -c sluice -f -k -a '(__sluice_words)'
complete -c sluice-cni -f -k -a '(__sluice_words)'
`,
} as const;
