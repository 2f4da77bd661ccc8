# A stand-in for the powershell.exe of Windows PowerShell 5.1: reads a command line by its rules and becomes a PowerShell 7
# that is told the same. Of what 5.1 does differently, it does what can be done and refuses the rest loudly. The test
# host-command-line holds it against the parsers of 5.1 and of PowerShell 7.
#
# A program reads this file with "." and has set before:
#   engine       the PowerShell 7 to become
#   policy       the execution policy that Group Policy sets; empty if it sets none
#   constrained  "text": only scripts run unconstrained; "all": nothing does; or empty
#   session      a session configuration of constrained language, where anything is constrained

# On Windows this exit code is 0xFFFD0000.
refuse() {
  printf '%s\n' "$1" >&2
  exit 64
}

unmodelled() {
  printf '%s\n' "windows-powershell.sh does not know what Windows PowerShell 5.1 does with: $1" >&2
  exit 70
}

# is <word> <switch> <shortest>: the word is the beginning of the switch, and not too short a one.
is() {
  case $2 in "$1"*) [ ${#1} -ge ${#3} ] ;; *) false ;; esac
}

lower() {
  case $1 in *[A-Z]*) printf '%s' "$1" | tr A-Z a-z ;; *) printf '%s' "$1" ;; esac
}

# Each word is taken from the front of the list and what it means to PowerShell 7 is put behind its end.
starts=shell
left=$#
while [ "$left" -gt 0 ]; do
  word=${1#"${1%%[! ]*}"}
  word=${word%"${word##*[! ]}"}
  case $word in
    '') shift && left=$((left - 1)) && continue ;;
    - | / | [-/]-*) unmodelled "$1" ;;
    [-/]*) key=$(lower "${word#?}") ;;
    # PowerShell 7 takes it for a script (PR 4019).
    *) key=command && set -- - "$@" && left=$((left + 1)) ;;
  esac
  unknown=$1
  shift && left=$((left - 1))
  next=
  [ "$left" -eq 0 ] || next=$1

  if is "$key" help h || [ "$key" = '?' ]; then
    set -- "$@" -Help
  elif is "$key" noexit noe; then
    set -- "$@" -NoExit
  elif is "$key" importsystemmodules imp; then
    :
  elif is "$key" noprofile nop; then
    set -- "$@" -NoProfile
  elif is "$key" nologo nol; then
    set -- "$@" -NoLogo
  elif is "$key" noninteractive noni; then
    set -- "$@" -NonInteractive
  elif is "$key" socketservermode so || is "$key" servermode s || is "$key" namedpipeservermode nam; then
    unmodelled "$unknown"
  elif is "$key" configurationname config; then
    [ -n "$next" ] || refuse 'There is no value for -ConfigurationName.'
    set -- "$@" -ConfigurationName "$1" && shift && left=$((left - 1))
  elif is "$key" windowstyle w; then
    case $(lower "$next") in
      normal | hidden | minimized | maximized) shift && left=$((left - 1)) ;;
      *) refuse "The value for -WindowStyle is missing or not known: $next" ;;
    esac
  elif is "$key" file f; then
    [ "$left" -gt 0 ] || refuse 'There is no script behind -File.'
    starts=file script=$1
    break
  elif is "$key" outputformat o || is "$key" of o; then
    case $(lower "$next") in
      text | xml | none) set -- "$@" -OutputFormat "$1" && shift && left=$((left - 1)) ;;
      *) refuse "The value for -OutputFormat is missing or not known: $next" ;;
    esac
  elif is "$key" inputformat i || is "$key" if i; then
    case $(lower "$next") in
      text | xml | none) set -- "$@" -InputFormat "$1" && shift && left=$((left - 1)) ;;
      *) refuse "The value for -InputFormat is missing or not known: $next" ;;
    esac
  elif is "$key" executionpolicy ex || is "$key" ep ep; then
    case $(lower "$next") in
      '') refuse 'There is no value for -ExecutionPolicy.' ;;
      default | bypass | unrestricted | remotesigned | allsigned | restricted | undefined) ;;
      # The default of the system to 5.1; a bad command line to PowerShell 7 (PR 20460).
      *) unmodelled "-ExecutionPolicy $next" ;;
    esac
    set -- "$@" -ExecutionPolicy "$1" && shift && left=$((left - 1))
  elif is "$key" encodedcommand e || is "$key" ec e; then
    [ -n "$next" ] || refuse 'There is no value for -EncodedCommand.'
    [ "$starts" = shell ] || refuse 'There are two commands.'
    starts=encoded
    set -- "$@" -EncodedCommand "$1" && shift && left=$((left - 1))
  elif is "$key" encodedarguments encodeda || [ "$key" = ea ]; then
    unmodelled "$unknown"
  elif is "$key" sta s || is "$key" mta mta; then
    [ -z "${apartment-}" ] || refuse '-Sta and -Mta exclude one another.'
    apartment=$key
  else
    is "$key" command c || { set -- "$unknown" "$@" && left=$((left + 1)); }
    [ "$starts" = shell ] || refuse 'There are two commands.'
    [ "$left" -gt 0 ] || refuse 'There is no value for -Command.'
    if [ "$1" = - ]; then
      [ "$left" -eq 1 ] || refuse 'There is something behind -Command -.'
    fi
    starts=command
    set -- "$@" -Command
    while [ "$left" -gt 0 ]; do
      set -- "$@" "$1" && shift && left=$((left - 1))
    done
  fi
done

if [ "$starts" = file ]; then
  set -- "$@" -File "$1" && shift && left=$((left - 1))
  if [ "$script" = - ]; then
    # Commands on standard input; what follows is not read.
    starts=command
    shift "$left" && left=0
  else
    case $(lower "$script") in *.ps1) ;; *) refuse "$script is not the name of a script." ;; esac
    [ -f "$script" ] || refuse "There is no script $script."
  fi
  takes_next=no
  while [ "$left" -gt 0 ]; do
    name=${1%%:*}
    case $takes_next:$1 in
      yes:*) takes_next=no ;;
      # A parameter with an empty name, which no script takes; a plain word to PowerShell 7 (PR 9479).
      no:-) printf '%s\n' "Cannot run $script: the value of argument \"name\" is not valid." >&2 && exit 1 ;;
      # Texts in 5.1; truth values in PowerShell 7 (PR 4178).
      no:-*:[Tt][Rr][Uu][Ee] | no:-*:[Ff][Aa][Ll][Ss][Ee]) unmodelled "$1" ;;
      no:-*:\$[Tt][Rr][Uu][Ee] | no:-*:\$[Ff][Aa][Ll][Ss][Ee]) unmodelled "$1" ;;
      no:-*:*)
        # One word to 5.1 unless the name is of letters; name and value to PowerShell 7 (PR 4178).
        case ${name#-} in '' | *[!A-Za-z0-9_]*) unmodelled "$1" ;; esac
        [ "$1" != "$name:" ] || takes_next=yes
        ;;
    esac
    set -- "$@" "$1" && shift && left=$((left - 1))
  done
fi

# Group Policy outranks the command line, and judges scripts only.
is_signed() {
  tail -c 64 "$1" | grep -q '^# SIG # End signature block'
}
if [ "$starts" = file ]; then
  case $policy in
    Restricted) why='running scripts is disabled on this system' ;;
    AllSigned) is_signed "$script" && why= || why='it is not digitally signed' ;;
    *) why= ;;
  esac
  if [ -n "$why" ]; then
    printf '%s\n' "File $script cannot be loaded: $why." \
      '    + CategoryInfo          : SecurityError: (:) [], ParentContainsErrorRecordException' \
      '    + FullyQualifiedErrorId : UnauthorizedAccess' >&2
    exit 1
  fi
fi

case $constrained:$starts in
  all:* | text:shell | text:command | text:encoded) set -- -ConfigurationFile "$session" "$@" ;;
esac
exec "$engine" "$@"
