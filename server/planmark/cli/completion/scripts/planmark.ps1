# Completion of planmark for PowerShell 5 and later. In $PROFILE: planmark completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName planmark -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $program = Get-Command planmark -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
    if (-not $program) { return }
    $words = @()
    foreach ($element in $commandAst.CommandElements) {
        if ($element.Extent.EndOffset -ge $cursorPosition) { break }
        if ($element -is [System.Management.Automation.Language.StringConstantExpressionAst]) {
            $words += $element.Value
        } else {
            $words += $element.Extent.Text
        }
    }
    $words += "$wordToComplete"
    $encoding = [Console]::OutputEncoding
    try {
        [Console]::OutputEncoding = [System.Text.Encoding]::UTF8
        $env:PLANMARK_WORDS = $words -join [string][char]0x1f
        & $program completion --words powershell 2>$null | ForEach-Object {
            $text, $item, $tip = $_ -split "`t", 3
            if (-not $tip) { $tip = $item }
            [System.Management.Automation.CompletionResult]::new($text, $item, 'ParameterValue', $tip)
        }
    } finally {
        Remove-Item Env:PLANMARK_WORDS -ErrorAction SilentlyContinue
        [Console]::OutputEncoding = $encoding
    }
}
