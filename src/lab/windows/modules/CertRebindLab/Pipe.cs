using System;
using System.Diagnostics;
using System.IO;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading;

namespace CertRebindLab
{
    /// <summary>The lab's pipe: one JSON request a line, one JSON reply a line. Everything these modules know comes through here.</summary>
    public static class Pipe
    {
        /// <summary>The lab's folder.</summary>
        public static string Folder => Settings.GetProperty("folder").GetString();

        /// <summary>Where the files of private keys lie; null where the lab keeps none.</summary>
        public static string KeyFolder => Settings.TryGetProperty("keyFolder", out var folder) ? folder.GetString() : null;

        /// <summary>Who uses this Windows.</summary>
        public static string Account => Settings.GetProperty("account").GetString();

        /// <summary>Asks the lab; what Windows would refuse comes back as the COMException that Windows would throw.</summary>
        public static JsonElement Ask(JsonObject request)
        {
            var result = AskRaw(request);
            if (result.GetProperty("kind").GetString() == "failed") throw ErrorOf(result);
            return result;
        }

        public static JsonElement Ask(string kind) => Ask(new JsonObject { ["kind"] = kind });

        public static COMException ErrorOf(JsonElement failed) =>
            new COMException(
                failed.GetProperty("message").GetString(),
                unchecked((int)failed.GetProperty("hresult").GetUInt32()));

        /// <summary>The result whatever its kind is. A request that the lab lets hang blocks here, as the real call would.</summary>
        public static JsonElement AskRaw(JsonObject request) =>
            AskHost(new JsonObject { ["ask"] = "lab", ["request"] = request }).GetProperty("result");

        /// <summary>What goes beyond the server that the lab plays, such as issuing a certificate.</summary>
        public static JsonElement AskHost(JsonObject message)
        {
            lock (gate)
            {
                if (socket == null) Connect();
                // Always 1: there is one request at a time, and one left hanging never gets a successor.
                message["id"] = 1;
                using (var document = JsonDocument.Parse(Exchange(message.ToJsonString())))
                {
                    if (document.RootElement.TryGetProperty("error", out var error))
                    {
                        throw new InvalidOperationException("Lab: " + error.GetProperty("message").GetString());
                    }
                    return document.RootElement.GetProperty("reply").Clone();
                }
            }
        }

        private static readonly object gate = new object();
        private static readonly Lazy<JsonElement> settings = new Lazy<JsonElement>(ReadSettings);
        private static JsonElement Settings => settings.Value;
        private static Socket socket;
        private static StreamReader reader;
        private static StreamWriter writer;

        private static string Exchange(string line)
        {
            try
            {
                writer.WriteLine(line);
                writer.Flush();
                return reader.ReadLine() ?? Die();
            }
            catch (IOException)
            {
                return Die();
            }
        }

        private static void Connect()
        {
            var path = Settings.GetProperty("pipe").GetString() ?? ServedPipe();
            socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(path));
            var stream = new NetworkStream(socket, ownsSocket: true);
            var utf8 = new UTF8Encoding(false);
            reader = new StreamReader(stream, utf8, false, 1 << 16);
            writer = new StreamWriter(stream, utf8, 1 << 16) { NewLine = "\n" };
        }

        private static string ServedPipe()
        {
            var serving = Path.Combine(Folder, "serving.json");
            if (File.Exists(serving))
            {
                using (var owner = JsonDocument.Parse(File.ReadAllText(serving)))
                {
                    var pipe = owner.RootElement.GetProperty("pipe").GetString();
                    if (pipe != null) return pipe;
                }
            }
            throw new InvalidOperationException($"The lab in {Folder} is not served. Start it: certrebind lab serve {Folder}");
        }

        /// <summary>The lab ended the connection without an answer: its fault "die", which ends the process that carries changes out.</summary>
        private static string Die()
        {
            Process.GetCurrentProcess().Kill();
            Thread.Sleep(Timeout.Infinite);
            return null;
        }

        /// <summary>Written into the system root by whoever set this Windows up.</summary>
        private static JsonElement ReadSettings()
        {
            var root = Environment.GetEnvironmentVariable("SystemRoot") ?? "";
            var file = Path.Combine(root, "certrebind-lab.json");
            if (!File.Exists(file)) throw new InvalidOperationException($"SystemRoot ({root}) is not a lab's Windows folder: it has no certrebind-lab.json.");
            using (var document = JsonDocument.Parse(File.ReadAllText(file))) return document.RootElement.Clone();
        }
    }
}
