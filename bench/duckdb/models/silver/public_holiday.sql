with

holiday_rules as (

    select * from {{ ref('holiday_rules') }}
    where country = '{{ var("holiday_country") }}'

),

years as (

    select
        unnest(
            range(
                year(date '{{ var("calendar_start") }}'), year(date '{{ var("calendar_end") }}') + 1
            )
        ) as year

),

computus as (

    select
        year,
        year % 19 as golden,
        year // 100 as century,
        year % 100 as year_of_century,
        (
            19 * golden + century - century // 4
            - (century - (century + 8) // 25 + 1) // 3 + 15
        ) % 30 as epact,
        (
            32 + 2 * (century % 4) + 2 * (year_of_century // 4)
            - epact - year_of_century % 4
        ) % 7 as weekday_shift,
        (golden + 11 * epact + 22 * weekday_shift) // 451 as correction,
        epact + weekday_shift - 7 * correction + 114 as month_and_day
    from years

),

easter as (

    select year, make_date(year, month_and_day // 31, month_and_day % 31 + 1) as easter_date
    from computus

),

dated as (

    select
        holiday_rules.country,
        holiday_rules.holiday_name_en,
        holiday_rules.holiday_name_fr,
        case holiday_rules.rule
            when 'fixed' then make_date(easter.year, holiday_rules.month, holiday_rules.day)
            when 'easter' then easter.easter_date + holiday_rules.days_after_easter
            when 'nth_weekday'
                then
                    {{ nth_weekday(
                        'easter.year',
                        'holiday_rules.month',
                        'holiday_rules.weekday',
                        'holiday_rules.nth',
                    ) }}
        end as holiday_date
    from holiday_rules
    inner join easter on easter.year >= coalesce(holiday_rules.since_year, easter.year)

)

select
    country,
    holiday_date,
    string_agg(holiday_name_en, ', ' order by holiday_name_en) as holiday_name_en,
    string_agg(holiday_name_fr, ', ' order by holiday_name_fr) as holiday_name_fr
from dated
group by country, holiday_date
