// Starts PowerShell with the arguments given, passes the three streams on, and ends with its exit code.
using System.Diagnostics;

var start = new ProcessStartInfo(@"C:\Program Files\PowerShell\7\pwsh.exe")
{
    UseShellExecute = false,
    CreateNoWindow = true,
    RedirectStandardInput = true,
    RedirectStandardOutput = true,
    RedirectStandardError = true,
};
foreach (var argument in args) start.ArgumentList.Add(argument);
// Under Wine .NET ends with an internal error when a compiled method is tidied up while this protection is on.
start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
using var engine = Process.Start(start)!;
_ = Pass(Console.OpenStandardInput(), engine.StandardInput.BaseStream, close: true);
var output = Pass(engine.StandardOutput.BaseStream, Console.OpenStandardOutput(), close: false);
var errors = Pass(engine.StandardError.BaseStream, Console.OpenStandardError(), close: false);
engine.WaitForExit();
Task.WaitAll(output, errors);
return engine.ExitCode;

static async Task Pass(Stream from, Stream to, bool close)
{
    await Task.Yield();
    var buffer = new byte[65536];
    int read;
    while ((read = from.Read(buffer, 0, buffer.Length)) > 0)
    {
        to.Write(buffer, 0, read);
        to.Flush();
    }
    if (close) to.Close();
}
