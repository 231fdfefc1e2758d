"""The program that answers inside Windows, for an engine that runs in its Linux (WSL 2).

Windows PowerShell, which every Windows has, compiles it and runs it until its input ends. A question is a
line of a number and a word. Its answer is a line of that number and JSON: what Windows said, or null where
it would not. Question 0 is answered unasked as soon as it is ready. What the owner does is not seen
from among Windows' services, in session 0, where nobody ever touches anything.

Sources: as in `windows` and `windows_codes`, and Microsoft's reference of GetSystemPowerStatus.
"""

import base64

IDLE, SCREEN, COST, POWER, PROGRAMS = "idle", "screen", "cost", "power", "programs"

SOURCE = r"""
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

public static class Potluck
{
    struct LastInput { public uint Size, Tick; }
    struct Power { public byte Line, Flag, Percent, Saver; public uint Left, Full; }

    [DllImport("user32.dll")] static extern bool GetLastInputInfo(ref LastInput info);
    [DllImport("shell32.dll")] static extern int SHQueryUserNotificationState(out int state);
    [DllImport("kernel32.dll")] static extern bool GetSystemPowerStatus(out Power power);

    [ComImport, Guid("DCB00008-570F-4A9B-8D69-199FDBA5723B"), InterfaceType(ComInterfaceType.InterfaceIsIUnknown)]
    interface CostManager { [PreserveSig] int GetCost(out uint cost, IntPtr address); }

    static string Idle()
    {
        var info = new LastInput { Size = 8 };
        if (IsAmongServices() || !GetLastInputInfo(ref info)) return "null";
        return unchecked((uint)Environment.TickCount - info.Tick).ToString();
    }

    static string Screen()
    {
        int state;
        if (IsAmongServices() || SHQueryUserNotificationState(out state) != 0) return "null";
        return state.ToString();
    }

    static bool IsAmongServices()
    {
        using (var self = Process.GetCurrentProcess()) return self.SessionId == 0;
    }

    static string Cost()
    {
        var list = new Guid("DCB00C01-570F-4A9B-8D69-199FDBA5723B");
        var manager = Activator.CreateInstance(Type.GetTypeFromCLSID(list));
        try
        {
            uint cost;
            return ((CostManager)manager).GetCost(out cost, IntPtr.Zero) == 0 ? cost.ToString() : "null";
        }
        finally { Marshal.ReleaseComObject(manager); }
    }

    static string OnPower()
    {
        Power power;
        return GetSystemPowerStatus(out power) ? "[" + power.Line + "," + power.Flag + "]" : "null";
    }

    static string Programs()
    {
        var names = new List<string>();
        foreach (var process in Process.GetProcesses())
            using (process) names.Add(Quoted(process.ProcessName));
        return "[" + string.Join(",", names) + "]";
    }

    static string Quoted(string name)
    {
        var text = new StringBuilder("\"");
        foreach (var letter in name) text.AppendFormat("\\u{0:x4}", (int)letter);
        return text.Append("\"").ToString();
    }

    static string Answer(string asked)
    {
        try
        {
            switch (asked)
            {
                case "idle": return Idle();
                case "screen": return Screen();
                case "cost": return Cost();
                case "power": return OnPower();
                case "programs": return Programs();
                default: return "null";
            }
        }
        catch (Exception) { return "null"; }
    }

    public static void Run()
    {
        Say("0", "null");
        string line;
        while ((line = Console.In.ReadLine()) != null)
        {
            var words = line.Split(' ');
            Say(words[0], Answer(words[words.Length - 1]));
        }
    }

    static void Say(string number, string answer)
    {
        Console.Out.Write(number + " " + answer + "\n");
        Console.Out.Flush();
    }
}
"""  # noqa: E501 (C#)


def helper_command(power_shell: str) -> tuple[str, ...]:
    return running(power_shell, f"Add-Type -TypeDefinition @'\n{SOURCE}\n'@\n[Potluck]::Run()\n")


def running(power_shell: str, script: str) -> tuple[str, ...]:
    """`power_shell`: where it is. Base64 of UTF-16 reaches it whole, whatever lies between."""
    encoded = base64.b64encode(script.encode("utf-16-le")).decode("ascii")
    return (power_shell, "-NoLogo", "-NoProfile", "-NonInteractive", "-EncodedCommand", encoded)
